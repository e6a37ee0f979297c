#pragma once
// Text from files and people, made fit for the one line of a message.

#include <string>
#include <string_view>

namespace secateur {

// In quotes, at most 80 characters, what is not printable ASCII as '?'.
std::string printable(std::string_view text);

// Bytes of the UTF-8 character that the text begins with, 0 when there is none.
size_t utf8_length(std::string_view text);

// The same text with its control characters, escape sequences and marks that turn the direction of
// reading as \xNN.
std::string without_controls(std::string_view text);

// The same with bytes that are not UTF-8 as \xNN too: what a name of a file may have, and a message
// or JSON may not.
std::string readable(std::string_view text);

// As one word of a POSIX shell: in single quotes where it has more than letters, digits and
// "_-./=:,+@%".
std::string shell_word(std::string_view text);

}  // namespace secateur
