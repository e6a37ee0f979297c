#pragma once
// What a checkpoint says of its content: a flipped bit among the weights would otherwise go
// unnoticed.

#include <map>
#include <string>

#include "tensor/tensor.h"

namespace secateur {

// SHA-256 over the text and the names, shapes and bits of all tensors.
std::string content_digest(const std::map<std::string, Tensor>& tensors, const std::string& text);

// Whether `digest` is that of the content, or the hash of 64 bits that is read in its place but no
// longer written: FNV-1a over words of 8 bytes with a final mixing, 16 hexadecimal digits.
bool is_content_digest(const std::string& digest, const std::map<std::string, Tensor>& tensors,
                       const std::string& text);

}  // namespace secateur
