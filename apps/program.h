#pragma once
// The command line: verbs, errors as sentences, exit codes.

namespace secateur {

int run_program(int argc, char** argv);

}  // namespace secateur
