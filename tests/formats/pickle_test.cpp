#include "formats/pickle.h"

#include <gtest/gtest.h>

#include "tests/formats/expect_refused.h"
#include "tests/formats/pickle_fixture.h"

namespace secateur {
namespace {

using fixture::Pickler;
using fixture::raw_of;
using Kind = PickleValue::Kind;

const std::set<std::string, std::less<>> kGlobals = {"some.module thing", "other stuff"};

PickleRef unpickle(const std::string& bytes, const PickleCaps& caps = {}) {
  return read_pickle(bytes, "p.pkl", kGlobals, caps);
}

void refuse_pickle(const Pickler& pickler, const std::string& part, const PickleCaps& caps = {}) {
  expect_refused_naming([&] { unpickle(pickler.done(), caps); }, part, "p.pkl");
}

TEST(Pickle, ReadsValuesOfEveryKind) {
  Pickler p;
  p.op("(N\x88\x89").small(200).op("M\x34\x12").integer(-5).text("word").raw("ab\n");
  p.op("C\x02yz)](").small(1).small(2).op("e}").text("k").small(3).op("s");
  p.global("some.module", "thing").op("t");
  const std::string bytes = p.done();
  const PickleRef top = unpickle(bytes);
  ASSERT_EQ(top->kind, Kind::kTuple);
  const std::vector<PickleRef>& v = top->items;
  ASSERT_EQ(v.size(), 13u);
  EXPECT_EQ(v[0]->kind, Kind::kNone);
  EXPECT_EQ(v[1]->kind, Kind::kBool);
  EXPECT_EQ(v[1]->number, 1);
  EXPECT_EQ(v[2]->number, 0);
  EXPECT_EQ(v[3]->number, 200);
  EXPECT_EQ(v[4]->number, 0x1234);
  EXPECT_EQ(v[5]->number, -5);
  EXPECT_EQ(v[6]->text, "word");
  EXPECT_EQ(v[7]->raw, "ab\n");
  EXPECT_EQ(v[8]->raw, "yz");
  EXPECT_EQ(v[9]->kind, Kind::kTuple);
  ASSERT_EQ(v[10]->items.size(), 2u);
  EXPECT_EQ(v[10]->items[1]->number, 2);
  ASSERT_EQ(v[11]->items.size(), 2u);
  EXPECT_EQ(v[11]->items[0]->text, "k");
  EXPECT_EQ(v[12]->text, "some.module thing");
}

TEST(Pickle, NotesCallsAndSharesWhatIsRemembered) {
  Pickler p(2);
  p.global("other", "stuff").put(7).small(1).op("\x85R").put(8).small(9).op("b");
  p.get(8).get(7).op("\x87");
  const std::string bytes = p.done();
  const PickleRef top = unpickle(bytes);
  ASSERT_EQ(top->items.size(), 3u);
  const PickleRef& made = top->items[0];
  EXPECT_EQ(made->kind, Kind::kCall);
  EXPECT_EQ(made->items[0]->text, "other stuff");
  EXPECT_EQ(made->items[1]->items[0]->number, 1);
  EXPECT_EQ(made->state->number, 9);
  EXPECT_EQ(top->items[1], made);
  EXPECT_EQ(top->items[2], made->items[0]);
}

TEST(Pickle, RefusesOpcodesByNameAndPlace) {
  const std::string known =
      "()\x2e"
      "BCJKMNQRX]bcehjqrstu}\x80\x85\x86\x87\x88\x89";
  int refused = 0;
  for (int opcode = 0; opcode < 256; ++opcode) {
    if (known.find(static_cast<char>(opcode)) != std::string::npos) continue;
    const std::string name(pickle_opcode_name(static_cast<uint8_t>(opcode)));
    refuse_pickle(
        Pickler().op("N").op(std::string(1, static_cast<char>(opcode))),
        fmt::format("the opcode {} (0x{:02x}) at byte 3", name.empty() ? "?" : name, opcode));
    ++refused;
  }
  EXPECT_EQ(refused, 256 - 30);
  EXPECT_EQ(pickle_opcode_name('i'), "INST");
  EXPECT_EQ(pickle_opcode_name(0x93), "STACK_GLOBAL");
  refuse_pickle(Pickler().op("\x80\x03"), "PROTO");  // once, first
}

TEST(Pickle, RefusesGlobalsThatAreNotListed) {
  refuse_pickle(Pickler().global("os", "system"), "the global 'os system' at byte 2");
  refuse_pickle(Pickler().global("some.module", "things"), "'some.module things'");
  refuse_pickle(Pickler().global("posix", "system").text("true").op("\x85R"), "'posix system'");
  refuse_pickle(Pickler().global(std::string(300, 'm'), "thing"), "a shorter name");
  refuse_pickle(Pickler().op("cos"), "ends at byte");
}

TEST(Pickle, RefusesValuesNestedTooDeeply) {
  const auto nested = [](int depth) {
    Pickler p;
    p.op(")");
    for (int i = 1; i < depth; ++i) p.op("\x85");
    return p;
  };
  EXPECT_EQ(unpickle(nested(16).done())->depth, 16);
  refuse_pickle(nested(17), "nested less deeply");
  const auto lists = [](int depth) {
    return Pickler().op("]" + std::string(static_cast<size_t>(depth), '(')).small(1);
  };
  refuse_pickle(lists(17), "fewer open marks");
  Pickler filled;
  for (int i = 0; i < 17; ++i) filled.op("}").text("k");
  filled.op("N" + std::string(17, 's'));
  refuse_pickle(filled, "nested less deeply");
  Pickler states;
  for (int i = 0; i < 20; ++i) states.global("other", "stuff").op(")R");
  for (int i = 0; i < 19; ++i) states.op("b");
  refuse_pickle(states, "nested less deeply");
}

TEST(Pickle, RefusesValuesThatHoldThemselves) {
  const std::string part = "it could hold itself";
  refuse_pickle(Pickler().op("]").put(0).op("(").get(0).op("e"), part);
  refuse_pickle(Pickler().op("}").put(0).text("k").get(0).op("s"), part);
  refuse_pickle(Pickler().op("}").put(0).op("(").get(0).get(0).op("u"), part);
  refuse_pickle(Pickler().global("other", "stuff").op(")R").put(0).get(0).op("b"), part);
  // Through a tuple, and by filling a list that already stands elsewhere.
  refuse_pickle(Pickler().op("]").put(0).op("(").get(0).op("\x85").op("e"), part);
  refuse_pickle(Pickler().op("]").put(0).op("\x85").put(1).get(0).op("(").get(1).op("e"), part);
  EXPECT_NO_THROW(unpickle(Pickler().op("]").put(0).op("(N").op("e").get(0).op("\x86").done()));
}

TEST(Pickle, RefusesSizesThatAreNotThere) {
  const std::string huge = raw_of(uint32_t{0xffffffff});
  refuse_pickle(Pickler().op("B").op(huge), "ends at byte");
  refuse_pickle(Pickler().op("C\xff"), "ends at byte");
  refuse_pickle(Pickler().op("X").op(huge), "a shorter text");
  refuse_pickle(Pickler().text(std::string(257, 'a')), "a shorter text");
  refuse_pickle(Pickler().op("J\x01"), "ends at byte");
}

TEST(Pickle, RefusesMoreThanItsCaps) {
  const std::string many(200, 'N');
  refuse_pickle(Pickler().op("(" + many + "t"), "fewer values", {.values = 200});
  EXPECT_NO_THROW(unpickle(Pickler().op("(" + many + "t").done(), {.values = 201}));
  refuse_pickle(Pickler().op("N").put(0).put(1).put(2), "fewer values to remember", {.memo = 2});
  refuse_pickle(Pickler().op("N").put(0).put(0), "each place of the memo once");
}

TEST(Pickle, RefusesEndsThatDoNotFit) {
  const std::string whole = Pickler().op("(").small(1).text("ab").op("t").done();
  for (size_t size = 0; size < whole.size(); ++size) {
    expect_refused([&] { unpickle(whole.substr(0, size)); }, "p.pkl");
  }
  EXPECT_NO_THROW(unpickle(whole));
  expect_refused([&] { unpickle(whole + "."); }, "nothing behind the end");
  expect_refused([&] { unpickle(whole + '\0'); }, "nothing behind the end");
  refuse_pickle(Pickler().op("NN"), "a single value");
  refuse_pickle(Pickler().op("N("), "a single value");
  refuse_pickle(Pickler(), "a single value");
  for (const int protocol : {0, 1, 4, 5}) refuse_pickle(Pickler(protocol).op("N"), "protocol");
  expect_refused([] { unpickle("N."); }, "PROTO first");
  expect_refused([] { unpickle(""); }, "ends at byte");
}

TEST(Pickle, RefusesOpcodesWithoutTheirValues) {
  for (const char* opcodes : {"t", "e", "u", "s", "b", "R", "Q", "\x85", "N\x86", "NN\x87", "Ns",
                              "(N(\x86tt", "N(b", "(", "q\x01"}) {
    refuse_pickle(Pickler().op(opcodes), "does not fit");
  }
  refuse_pickle(Pickler().get(3), "a value that was remembered");
  refuse_pickle(Pickler().op("NNb"), "the result of a call");
  refuse_pickle(Pickler().op("N(Ne"), "a list");
  refuse_pickle(Pickler().op("NNNs"), "a dictionary");
  refuse_pickle(Pickler().op("}(Nu"), "a value for every key");
  refuse_pickle(Pickler().op("N)R"), "a global and a tuple");
  refuse_pickle(Pickler().global("other", "stuff").op("NR"), "a global and a tuple");
  refuse_pickle(Pickler().global("other", "stuff").op(")RNbNb"), "without a state");
}

}  // namespace
}  // namespace secateur
