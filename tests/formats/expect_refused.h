#pragma once
// Bad input must end in an Error of the right kind whose one sentence names the file.

#include <gtest/gtest.h>

#include <string>

#include "tensor/error.h"

namespace secateur {

template <class F>
void expect_refused(F&& call, const std::string& part, ErrorKind kind = ErrorKind::kBadInput) {
  try {
    call();
    ADD_FAILURE() << "was not refused, wanted a sentence with: " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

template <class F>
void expect_refused_naming(const F& call, const std::string& part, const std::string& file) {
  SCOPED_TRACE(part);
  expect_refused(call, part);
  expect_refused(call, file);
}

}  // namespace secateur
