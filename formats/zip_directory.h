#pragma once
// A look at the end of a ZIP archive before libzip sees it: libzip allocates and initialises as
// many entries as a ZIP64 record claims.

#include <cstdint>
#include <string>
#include <string_view>

namespace secateur {

// Error(kBadInput) when an end record in `bytes` claims more than `entry_cap` entries, or a
// directory larger than the archive, or more entries than the directory has room for.
void check_zip_end_records(std::string_view bytes, const std::string& file, int64_t entry_cap);

}  // namespace secateur
