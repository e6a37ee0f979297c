#include "chain/run_directory.h"

#include <gtest/gtest.h>

#include "chain/settings.h"
#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

void expect_usage(const std::function<void()>& call, const std::string& part) {
  expect_refused(call, part, ErrorKind::kUsage);
}

TEST(RunDirectory, HoldsItsRecipe) {
  const TemporaryFolder folder;
  const fs::path root = folder / "a/new/run";
  Recipe recipe;
  recipe.seed = 42;
  {
    const RunDirectory run = RunDirectory::create(root);
    run.write_config(recipe);
    EXPECT_EQ(run.model("x.safetensors"), root / "models/x.safetensors");
    EXPECT_TRUE(fs::is_directory(run.checkpoint("x").parent_path()));
  }
  EXPECT_EQ(read_file(RunDirectory::open(root).file("config.toml"), 1 << 20), recipe_text(recipe));
}

TEST(RunDirectory, ASecondRunIsRefused) {
  const TemporaryFolder folder;
  RunDirectory::create(folder / "run").write_config(Recipe());
  expect_usage([&] { RunDirectory::create(folder / "run"); },
               "run holds a run already: add --resume");
}

TEST(RunDirectory, OnlyAnEmptyFolderIsTaken) {
  const TemporaryFolder folder;
  RunDirectory::create(folder.path());  // without a recipe: as if stopped at once
  RunDirectory::create(folder.path());
  write_file_atomically(folder / "thesis.tex", "do not touch");
  expect_usage([&] { RunDirectory::create(folder.path()); }, "is not an empty folder");
  expect_usage([&] { RunDirectory::create(folder / "thesis.tex"); }, "is not an empty folder");
  EXPECT_EQ(read_file(folder / "thesis.tex", 100), "do not touch");
}

TEST(RunDirectory, ResumesOnlyARun) {
  const TemporaryFolder folder;
  expect_usage([&] { RunDirectory::open(folder.path()); }, "holds no run");
  expect_usage([&] { RunDirectory::open(folder / "nowhere"); }, "holds no run");
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(RunDirectory, WhatAKilledProgramLeftIsRemoved) {
  const TemporaryFolder folder;
  const fs::path root = folder / "run";
  RunDirectory::create(root);
  // Killed while it wrote the recipe: the run can be begun again.
  write_file_atomically(root / ".config.toml.812.0.tmp", "seed = ");
  RunDirectory::create(root).write_config(Recipe());
  EXPECT_FALSE(fs::exists(root / ".config.toml.812.0.tmp"));
  // Killed while it wrote a model: the run can go on.
  write_file_atomically(root / "models/.a.safetensors.90.12.tmp", "");
  for (const char* kept : {"models/a.tmp", "models/.a.90.tmp", "models/.notes.v1.2.tmp"}) {
    write_file_atomically(root / kept, "");
  }
  RunDirectory::open(root);
  EXPECT_FALSE(fs::exists(root / "models/.a.safetensors.90.12.tmp"));
  for (const char* kept : {"models/a.tmp", "models/.a.90.tmp", "models/.notes.v1.2.tmp"}) {
    EXPECT_TRUE(fs::exists(root / kept)) << kept;
  }
}

TEST(RunDirectory, IsLockedWhileInUse) {
  const TemporaryFolder folder;
  const fs::path root = folder / "run";
  {
    RunDirectory run = RunDirectory::create(root);
    run.write_config(Recipe());
    const RunDirectory moved = std::move(run);
    expect_usage([&] { RunDirectory::open(root); }, "another secateur is working in");
  }
  RunDirectory::open(root);
}

TEST(RunDirectory, SaysWhenTheFolderCannotBeMade) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", "");
  expect_refused([&] { RunDirectory::create(folder / "file/run"); }, "cannot make the folder",
                 ErrorKind::kResource);
}

}  // namespace
}  // namespace secateur
