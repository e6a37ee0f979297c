#include "tests/house/layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/house/outside_names.h"

namespace secateur::house {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> includes(const std::string& path, const std::string& header) {
  return check_includes({path, "// first line\n#include " + header + "\n"});
}

void append(std::vector<std::string>& to, std::vector<std::string> from) {
  to.insert(to.end(), from.begin(), from.end());
}

TEST(Layers, EveryIncludeFollowsAnArrow) {
  const std::vector<SourceFile> files = code_files();
  ASSERT_GT(files.size(), 100u);  // the tree was found
  std::vector<std::string> wrong;
  for (const SourceFile& file : files) append(wrong, check_includes(file));
  EXPECT_THAT(wrong, IsEmpty());
}

TEST(Layers, WhatIsUsedFromOutsideIsIncluded) {
  const std::vector<SourceFile> files = code_files();
  std::vector<std::string> wrong;
  for (const SourceFile& file : files) {
    const std::string folder = folder_of(file.path);
    if (folder != "tests" && folder != "examples") append(wrong, check_outside_names(file, files));
  }
  EXPECT_THAT(wrong, IsEmpty());
}

TEST(Layers, AForgottenIncludeIsFound) {
  const SourceFile header{"ops/a.h", "#include <map>\n#include <nlohmann/json_fwd.hpp>\n"};
  const SourceFile source{"ops/a.cpp",
                          "#include \"ops/a.h\"\nstd::map<int, std::vector<int>> m;  // std::set\n"
                          "nlohmann::json j; fmt::memory_buffer b; my::std::optional o;"};
  EXPECT_THAT(check_outside_names(source, {header, source}),
              ElementsAre("ops/a.cpp: fmt::memory_buffer without <fmt/format.h>",
                          "ops/a.cpp: std::vector without <vector>"));
}

TEST(Layers, OnlyProgramsBenchmarksAndTestsPrintOrExit) {
  std::vector<std::string> wrong;
  for (const SourceFile& file : code_files()) append(wrong, check_quiet(file));
  EXPECT_THAT(wrong, IsEmpty());
}

TEST(Layers, TheBuildLinksAlongTheArrows) {
  const Arrows links =
      linked_folders(read_text(std::filesystem::path(SECATEUR_SOURCE_DIR) / "CMakeLists.txt"));
  ASSERT_GE(links.size(), 11u);
  for (const auto& [folder, to] : links) {
    ASSERT_EQ(arrows().count(folder), 1u) << folder;
    for (const std::string& link : to) {
      EXPECT_EQ(arrows().at(folder).count(link), 1u) << folder << " links " << link;
    }
  }
}

TEST(Layers, TheBuildLeavesTheSharedRoomsOutOfTheOperations) {
  const std::filesystem::path root(SECATEUR_SOURCE_DIR);
  std::set<std::string> shared;
  for (const auto& [room, uses] : shared_rooms()) {
    shared.insert(room);
    EXPECT_TRUE(std::filesystem::is_directory(root / "ops" / room)) << room;
    for (const std::string& used : uses) EXPECT_EQ(shared_rooms().count(used), 1u) << used;
  }
  EXPECT_EQ(rooms_left_out(read_text(root / "cmake" / "Folders.cmake")), shared);
}

TEST(Layers, NoArrowPointsBack) {
  for (const auto& [folder, to] : arrows()) {
    for (const std::string& used : to) {
      ASSERT_EQ(arrows().count(used), 1u) << used;
      EXPECT_EQ(arrows().at(used).count(folder), 0u) << folder << " and " << used;
    }
  }
}

// The checker itself, on made-up files.

TEST(LayersChecker, TellsTheFileTheLineAndTheArrow) {
  EXPECT_THAT(includes("tensor/shape.cpp", "\"models/model.h\""),
              ElementsAre("tensor/shape.cpp:2: models/model.h: tensor may not use models"));
}

TEST(LayersChecker, RefusesIncludesAgainstAnArrow) {
  EXPECT_THAT(includes("pruning/variance/prune.cpp", "\"training/fit.h\""),
              ElementsAre(HasSubstr("may not")));
  EXPECT_THAT(includes("formats/npy.cpp", "\"models/model.h\""), ElementsAre(HasSubstr("may not")));
  EXPECT_THAT(includes("analysis/metrics.cpp", "\"apps/terminal.h\""),
              ElementsAre(HasSubstr("may not")));
  EXPECT_THAT(includes("apps/program.cpp", "\"tests/ops/contract.h\""),
              ElementsAre(HasSubstr("may not")));
  EXPECT_THAT(includes("ops/relu/relu.cpp", "<models/model.h>"), ElementsAre(HasSubstr("may not")));
  EXPECT_THAT(includes("attic/old.cpp", "\"tensor/tensor.h\""),
              ElementsAre(HasSubstr("has no arrows")));
  EXPECT_THAT(includes("ops/relu/relu.cpp", "\"relu.h\""), ElementsAre(HasSubstr("from the root")));
}

TEST(LayersChecker, AcceptsIncludesAlongTheArrows) {
  EXPECT_THAT(includes("pruning/variance/prune.cpp", "\"models/model.h\""), IsEmpty());
  EXPECT_THAT(includes("apps/program.cpp", "\"compression/search.h\""), IsEmpty());
  EXPECT_THAT(includes("tensor/shape.cpp", "\"tensor/shape.h\""), IsEmpty());
  EXPECT_THAT(includes("tensor/shape.cpp", "<vector>"), IsEmpty());
  EXPECT_THAT(check_includes({"tensor/shape.cpp", "// #include \"models/model.h\"\n"}), IsEmpty());
}

TEST(LayersChecker, KeepsRoomsApart) {
  const std::string room = "ops/relu/relu.cpp";
  EXPECT_THAT(includes(room, "\"ops/elementwise.h\""), IsEmpty());
  EXPECT_THAT(includes(room, "\"ops/add/add.h\""), ElementsAre(HasSubstr("another")));
  const std::string fused = "ops/norm_depthwise/norm_depthwise.cpp";
  EXPECT_THAT(includes(fused, "\"ops/batch_norm/batch_norm_kernels.h\""), IsEmpty());
  EXPECT_THAT(includes(fused, "\"ops/conv2d/conv2d.h\""), IsEmpty());
  EXPECT_THAT(includes(fused, "\"ops/conv2d/direct.h\""), ElementsAre(HasSubstr("another")));
  EXPECT_THAT(includes(fused, "\"ops/relu/relu.h\""), ElementsAre(HasSubstr("another")));
  EXPECT_THAT(includes(fused, "\"ops/batch_norm/batch_norm_ref.h\""),
              ElementsAre(HasSubstr("oracle")));
  EXPECT_THAT(includes(room, "\"ops/relu/relu_ref.h\""), ElementsAre(HasSubstr("oracle")));
  EXPECT_THAT(includes("ops/relu/relu_cases.cpp", "\"ops/relu/relu_ref.h\""), IsEmpty());
  EXPECT_THAT(includes("ops/relu/relu_ref.h", "\"ops/elementwise.h\""),
              ElementsAre(HasSubstr("no code")));
  EXPECT_THAT(includes("ops/relu/relu_ref.h", "\"ops/relu/relu_kernels.h\""),
              ElementsAre(HasSubstr("no code")));
  EXPECT_THAT(includes("models/forward.cpp", "\"ops/relu/relu.h\""), IsEmpty());
  EXPECT_THAT(includes("models/forward.cpp", "\"ops/conv2d/direct_kernels.h\""),
              ElementsAre(HasSubstr("contract")));
}

TEST(LayersChecker, KnowsWhoUsesTheSharedRooms) {
  const std::string room = "ops/conv2d/conv2d.cpp";
  EXPECT_THAT(includes(room, "\"ops/backend/gemm.h\""), IsEmpty());
  EXPECT_THAT(includes(room, "\"ops/vector/simd.h\""), IsEmpty());
  EXPECT_THAT(includes(room, "\"ops/depthwise/depthwise_conv.h\""), IsEmpty());
  EXPECT_THAT(includes(room, "\"ops/backend/onednn_runtime.h\""),
              ElementsAre(HasSubstr("adapters")));
  const std::string shared = "ops/depthwise/depthwise_conv.cpp";
  EXPECT_THAT(includes(shared, "\"ops/padded_plane/plane_layout.h\""), IsEmpty());
  EXPECT_THAT(includes(shared, "\"ops/sample_sum.h\""), IsEmpty());
  EXPECT_THAT(includes(shared, "\"ops/backend/gemm.h\""), ElementsAre(HasSubstr("that one")));
  EXPECT_THAT(includes(shared, "\"ops/conv2d/conv2d.h\""), ElementsAre(HasSubstr("that one")));
  EXPECT_THAT(includes("ops/vector/simd.h", "\"ops/backend/reproducibility.h\""),
              ElementsAre(HasSubstr("that one")));
  EXPECT_THAT(includes("ops/elementwise.h", "\"ops/vector/simd.h\""),
              ElementsAre(HasSubstr("no room")));
}

TEST(LayersChecker, LetsTheHouseAskWhatRuns) {
  for (const char* header :
       {"ops/backend/blas.h", "ops/backend/gemm.h", "ops/backend/onednn.h",
        "ops/backend/reproducibility.h", "ops/vector/isa.h", "ops/conv_geometry.h"}) {
    EXPECT_THAT(includes("training/fit.cpp", '"' + std::string(header) + '"'), IsEmpty()) << header;
  }
  for (const char* header : {"ops/backend/onednn_conv.h", "ops/vector/simd.h",
                             "ops/vector/vector.h", "ops/matrix_product/portable_gemm.h"}) {
    EXPECT_THAT(includes("training/fit.cpp", '"' + std::string(header) + '"'),
                ElementsAre(HasSubstr("contract")))
        << header;
  }
}

TEST(LayersChecker, KeepsAlgorithmsOfPruningApart) {
  const std::string room = "pruning/response/cut.cpp";
  EXPECT_THAT(includes(room, "\"pruning/response/response_criterion.h\""), IsEmpty());
  EXPECT_THAT(includes(room, "\"pruning/ledger.h\""), IsEmpty());
  EXPECT_THAT(includes(room, "\"pruning/variance/criteria.h\""), ElementsAre(HasSubstr("another")));
  EXPECT_THAT(includes("pruning/replay.cpp", "\"pruning/response/cut.h\""),
              ElementsAre(HasSubstr("another")));
  EXPECT_THAT(includes("tests/pruning/cut_test.cpp", "\"pruning/response/cut.h\""), IsEmpty());
}

TEST(LayersChecker, KeepsLibrariesInTheirPlaces) {
  EXPECT_THAT(includes("ops/backend/onednn_conv.cpp", "<dnnl.hpp>"), IsEmpty());
  EXPECT_THAT(includes("ops/conv2d/conv2d.cpp", "<dnnl.hpp>"), ElementsAre(HasSubstr("own place")));
  EXPECT_THAT(includes("ops/conv2d/conv2d.cpp", "<oneapi/dnnl/dnnl.hpp>"),
              ElementsAre(HasSubstr("own place")));
  EXPECT_THAT(includes("ops/matmul/matmul.cpp", "<cblas.h>"), ElementsAre(HasSubstr("own place")));
  EXPECT_THAT(includes("tests/ops/gemm_test.cpp", "<cblas.h>"),
              ElementsAre(HasSubstr("own place")));
  EXPECT_THAT(includes("training/fit.cpp", "<gtest/gtest.h>"), ElementsAre(HasSubstr("own place")));
}

TEST(LayersChecker, HearsWhatPrintsOrExits) {
  for (const char* line :
       {"std::cout << 1;", "std::cerr << 1;", "printf(\"x\");", "std::puts(\"x\");",
        "fmt::print(\"x\");", "std::exit(1);", "abort();", "#include <iostream>",
        "fprintf(stderr, \"x\");", "std::_Exit(2);", "std::terminate();"}) {
    EXPECT_EQ(check_quiet({"models/model.cpp", line}).size(), 1u) << line;
    EXPECT_THAT(check_quiet({"apps/program.cpp", line}), IsEmpty()) << line;
  }
}

TEST(LayersChecker, IsDeafToCommentsTextAndOtherWords) {
  for (const char* line :
       {"// printf(x) would print", "/* abort( */", "const char* s = \"exit(1)\";",
        "R\"x(std::cout << \")\" )x\";", "const int exit_code = 1;",
        "int n = 1'000; fmt::format(\"abort()\");", "snprintf(to, 4, \"x\");"}) {
    EXPECT_THAT(check_quiet({"models/model.cpp", line}), IsEmpty()) << line;
  }
  // A literal that is over does not hide what comes after it.
  EXPECT_EQ(check_quiet({"models/model.cpp", "f(\"\\\"\"); abort();"}).size(), 1u);
  EXPECT_EQ(check_quiet({"models/model.cpp", "f('\"'); abort();"}).size(), 1u);
}

TEST(LayersChecker, ReadsTheRoomsLeftOut) {
  EXPECT_EQ(rooms_left_out("# a list\nset(shared_rooms backend\n    vector)\nlist(SORT rooms)\n"),
            (std::set<std::string>{"backend", "vector"}));
}

TEST(LayersChecker, ReadsTheLinksOfTheBuild) {
  const Arrows links = linked_folders(
      "secateur_folder(tensor)\nsecateur_folder(ops LINKS autograd tensor PRIVATE dnnl_backend)\n");
  EXPECT_EQ(links, (Arrows{{"tensor", {}}, {"ops", {"autograd", "tensor"}}}));
}

}  // namespace
}  // namespace secateur::house
