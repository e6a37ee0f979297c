#pragma once
// The pictures that something was made from (a teacher, labels, a criterion), by their pixels: a
// text file that travels with models, so that a later program refuses to score on one of them. Its
// form is in docs/files.md.

#include <string>
#include <string_view>
#include <vector>

#include "data/picture_mark.h"

namespace secateur {

struct SeenPicture {
  PictureMark mark;
  std::string where;  // for people: "image0001.jpg" of session 190925
};

class SeenManifest {
 public:
  // Every picture of a source, which `where` names: "session 190925".
  void add(const ImageSource& images, std::string_view where);
  // Of a model that it was made from: "teacher a.safetensors".
  void add(const SeenManifest& other, std::string_view model);

  // Something that it was made from and that may have seen more, in a sentence.
  void add_unknown(const std::string& sentence);

  // By digest, a picture once: where it was seen first, by name.
  const std::vector<SeenPicture>& pictures() const { return pictures_; }
  // Sorted; empty when the pictures are all that was seen.
  const std::vector<std::string>& unknown() const { return unknown_; }

  std::string text() const;
  // Throws Error(kBadInput), naming the file, for anything that text() does not write.
  static SeenManifest parse(const std::string& text, std::string_view file);

 private:
  void sort();
  std::vector<SeenPicture> pictures_;
  std::vector<std::string> unknown_;
};

// What a model's file says of the manifest's text: the first 128 bits of its SHA-256, in
// hexadecimal, because a compact file is a few kilobytes.
std::string seen_key(const std::string& text);

}  // namespace secateur
