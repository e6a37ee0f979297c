// secateur doctor: what this machine gives.

#include <fmt/format.h>

#include "apps/exit_code.h"
#include "apps/roof.h"
#include "apps/verbs/verbs.h"
#include "chain/machine.h"

namespace secateur {

void add_doctor(CLI::App& program, CommonOptions& common, Action& action) {
  CLI::App* const verb = add_verb(program, common, "doctor",
                                  "what this machine gives: processor, threads, libraries, roofs",
                                  "secateur doctor --json");
  verb->callback([&action, &common] {
    action = [&common] {
      FILE* const text = common.text();
      nlohmann::json machine = describe_machine();
      const Roof roof = measure_roof();
      for (const auto& [key, value] : machine.items()) {
        if (key == "promises") continue;
        fmt::print(text, "{:<16} {}\n", key,
                   value.is_string() ? value.get<std::string>() : value.dump());
      }
      fmt::print(text, "{:<16} {:.0f} GFLOP/s, measured\n", "matrix product", roof.gemm_gflops);
      fmt::print(text, "{:<16} {:.1f} GB/s read and write, measured\n", "memory",
                 roof.memory_gb_per_second);
      fmt::print(text, "promised: the same bits\n");
      for (const auto& [name, promise] : machine["promises"].items()) {
        fmt::print(text, "  {:<14} {}\n", name, promise.get<std::string>());
      }
      machine["gemm_gflops"] = roof.gemm_gflops;
      machine["memory_gb_per_second"] = roof.memory_gb_per_second;
      common.answer(machine);
      return kExitDone;
    };
  });
}

}  // namespace secateur
