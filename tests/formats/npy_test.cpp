#include "formats/npy.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "formats/atomic_file.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

std::string head(const std::string& dictionary, int major = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(major);
  bytes += '\0';
  const size_t length = dictionary.size();
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i) bytes += static_cast<char>(length >> (8 * i));
  return bytes + dictionary;
}

template <class T>
std::string packed(const std::vector<T>& values, bool swap = false) {
  std::string bytes;
  for (const T value : values) {
    std::string one(sizeof(T), '\0');
    std::memcpy(one.data(), &value, sizeof(T));
    bytes += swap ? std::string(one.rbegin(), one.rend()) : one;
  }
  return bytes;
}

NpyDoubles read_bytes(const std::string& bytes) {
  const TemporaryFolder folder;
  const auto path = folder / "case.npy";
  write_file_atomically(path, bytes);
  return read_npy_doubles(path);
}

template <class T>
void expect_type(const std::string& type, const std::vector<T>& values) {
  for (const char order : {'<', '>'}) {
    SCOPED_TRACE(order + type);
    const std::string text = fmt::format(
        "{{'descr': '{}{}', 'fortran_order': False, 'shape': ({},)}}", order, type, values.size());
    const NpyDoubles read = read_bytes(head(text) + packed(values, order == '>'));
    EXPECT_EQ(read.values, std::vector<double>(values.begin(), values.end()));
  }
}

TEST(Npy, ReadsEveryTypeInBothByteOrders) {
  expect_type<uint8_t>("u1", {0, 7, 255});
  expect_type<int8_t>("i1", {-128, 0, 127});
  expect_type<uint16_t>("u2", {0, 258, 65535});
  expect_type<int16_t>("i2", {-32768, 258, 32767});
  expect_type<uint32_t>("u4", {0, 66051, 4294967295u});
  expect_type<int32_t>("i4", {-2147483647, 66051, 5});
  expect_type<uint64_t>("u8", {0, uint64_t{1} << 53, 3});
  expect_type<int64_t>("i8", {-(int64_t{1} << 53), 66051, 5});
  expect_type<float>("f4", {-1.5f, 3.25f, 1e30f});
  expect_type<double>("f8", {-1.5, 0.1, 1e300});
}

TEST(Npy, ReadsVersionsAndSpellings) {
  const std::string data = packed<double>({1, 2});
  const std::string text = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }  \n";
  for (const int version : {1, 2, 3})
    EXPECT_EQ(read_bytes(head(text, version) + data).values[1], 2);
  const std::string other = "{\"shape\":(1,2),\"descr\":\"<f8\",\"fortran_order\":True}";
  EXPECT_EQ(read_bytes(head(other) + data).shape, Shape({1, 2}));
  const std::string scalar = "{'descr': '<f8', 'fortran_order': False, 'shape': ()}";
  EXPECT_EQ(read_bytes(head(scalar) + packed<double>({5})).values, std::vector<double>{5});
  const std::string empty = "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 3)}";
  EXPECT_EQ(read_bytes(head(empty)).shape, Shape({0, 3}));
}

TEST(Npy, ReadsFortranOrderLikeCOrder) {
  const bool holds = rc::check([] {
    const Shape shape{*rc::gen::inRange<int64_t>(1, 5), *rc::gen::inRange<int64_t>(1, 5),
                      *rc::gen::inRange<int64_t>(1, 5)};
    std::vector<double> c_order(static_cast<size_t>(shape.numel()));
    std::iota(c_order.begin(), c_order.end(), 0.0);
    std::vector<double> fortran(c_order.size());
    for (int64_t i = 0; i < shape[0]; ++i) {
      for (int64_t j = 0; j < shape[1]; ++j) {
        for (int64_t k = 0; k < shape[2]; ++k) {
          fortran[i + shape[0] * (j + shape[1] * k)] = c_order[(i * shape[1] + j) * shape[2] + k];
        }
      }
    }
    const TemporaryFolder folder;
    const auto path = folder / "fortran.npy";
    write_file_atomically(
        path, head(fmt::format("{{'descr': '<f8', 'fortran_order': True, 'shape': ({}, {}, {})}}",
                               shape[0], shape[1], shape[2])) +
                  packed(fortran));
    const NpyReader reader(path);
    const int64_t begin = *rc::gen::inRange<int64_t>(0, shape[0]);
    std::vector<double> rows(static_cast<size_t>((shape[0] - begin) * reader.row_numel()));
    reader.read_rows(begin, shape[0], std::span<double>(rows));
    RC_ASSERT(std::equal(rows.begin(), rows.end(), c_order.begin() + begin * reader.row_numel()));
  });
  EXPECT_TRUE(holds);
}

TEST(Npy, WritesWhatItReads) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> values = {1.0, nan, -0.0, 1e-310, 4.0, 5.0};
  const TemporaryFolder folder;
  const auto path = folder / "round.npy";
  write_npy(path, {2, 3}, values);
  const std::string first = read_file(path, 1 << 20);
  EXPECT_EQ(first.size(), 128u + 48u);
  const NpyDoubles read = read_npy_doubles(path);
  EXPECT_EQ(std::memcmp(read.values.data(), values.data(), 48), 0);
  write_npy(path, {2, 3}, values);
  EXPECT_EQ(read_file(path, 1 << 20), first);

  const Tensor tensor = Tensor::of({2, 2}, {1.0f, 2.0f, 3.0f, 0.1f});
  write_npy(path, tensor);
  EXPECT_TRUE(same_bits(read_npy_tensor(path), tensor));

  const std::vector<uint8_t> bytes = {1, 2, 255};
  write_npy(path, {3, 1}, bytes);
  const NpyReader reader(path);
  std::vector<uint8_t> rows(2);
  reader.read_rows(1, 3, rows);
  EXPECT_EQ(rows, (std::vector<uint8_t>{2, 255}));
}

TEST(Npy, ReadsRowRangesLongerThanOnePiece) {
  const TemporaryFolder folder;
  const auto path = folder / "long.npy";
  std::vector<double> values(300000);
  std::iota(values.begin(), values.end(), 0.0);
  write_npy(path, {3, 100000}, values);
  const NpyReader reader(path);
  std::vector<double> rows(200000);
  reader.read_rows(1, 3, std::span<double>(rows));
  EXPECT_TRUE(std::equal(rows.begin(), rows.end(), values.begin() + 100000));
}

TEST(Npy, RefusesBadFiles) {
  const std::string data = packed<double>({1, 2});
  const auto refuse = [](const std::string& bytes, const char* part) {
    expect_refused_naming([&] { read_bytes(bytes); }, part, "case.npy");
  };
  const auto dictionary = [](const std::string& descr, const std::string& shape) {
    return head("{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + "}");
  };
  refuse("", "magic");
  refuse("\x93NUMPX", "magic");
  refuse(head("{}", 4), "version");
  refuse(dictionary("'|O'", "(2,)") + data, "type");
  refuse(dictionary("[('a', '<f8')]", "(2,)") + data, "string");
  refuse(dictionary("'<f2'", "(2,)") + data, "type");
  refuse(dictionary("'<c8'", "(2,)") + data, "type");
  refuse(dictionary("'|f8'", "(2,)") + data, "byte order");
  refuse(dictionary("'<f8'", "(3,)") + data, "bytes of data");
  refuse(dictionary("'<f8'", "(1,)") + data, "bytes of data");
  refuse(dictionary("'<f8'", "(2)") + data, "comma");
  refuse(dictionary("'<f8'", "(-2,)") + data, "extent");
  refuse(dictionary("'<f8'", "(99999999999999999999,)") + data, "2^63");
  refuse(dictionary("'<f8'", "(4611686018427387904, 4)") + data, "counted");
  refuse(dictionary("'<f8'", "(0, 4611686018427387904, 4)"), "counted");
  refuse(dictionary("'<f8'", "(1,1,1,1,1,1,2)") + data, "6 extents");
  refuse(dictionary("'<f8', 'descr': '<f4'", "(2,)") + data, "once");
  refuse(dictionary("'<f8', 'more': 1", "(2,)") + data, "no key");
  refuse(head("{'descr': '<f8', 'shape': (2,)}") + data, "keys");
  refuse(head("{'descr': '<f8', 'fortran_order': 1, 'shape': (2,)}") + data, "True or False");
  refuse(head("__import__('os').system('true')") + data, "'{'");
  std::string long_header = head("{'descr': '<f8'", 2);
  long_header[11] = '\x7f';
  refuse(long_header, "header");
}

TEST(Npy, RefusesRowsThatAreNotThere) {
  const TemporaryFolder folder;
  const auto path = folder / "rows.npy";
  write_npy(path, Tensor::zeros({2, 3}));
  const NpyReader reader(path);
  std::vector<float> three(3);
  std::vector<uint8_t> bytes(3);
  EXPECT_NO_THROW(reader.read_rows(1, 2, std::span<float>(three)));
  expect_refused([&] { reader.read_rows(2, 3, std::span<float>(three)); }, "rows.npy");
  expect_refused([&] { reader.read_rows(0, 2, std::span<float>(three)); }, "rows.npy");
  expect_refused([&] { reader.read_rows(-1, 0, std::span<float>(three)); }, "rows.npy");
  expect_refused([&] { reader.read_rows(0, 1, std::span<uint8_t>(bytes)); }, "f4");
  expect_refused([&] { read_npy_tensor(path, 5); }, "at most 5");
}

}  // namespace
}  // namespace secateur
