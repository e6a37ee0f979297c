#pragma once
// Small valid files of every reader: what damage begins from, by the mutation test and by the fuzz
// programs.

#include <string>
#include <vector>

#include "formats/image_writer.h"
#include "formats/npy_header.h"
#include "formats/safetensors.h"
#include "tests/formats/pickle_fixture.h"

namespace secateur::fixture {

inline std::string npy_bytes(const char* type, bool fortran, size_t data) {
  std::string header = npy_header_text(type, {4, 3, 5});
  if (fortran) header.replace(header.find("False"), 5, "True ");
  return header + std::string(data, '\x2a');
}

inline Image8 picture(int height, int width) {
  Image8 image{height, width, {}};
  for (int i = 0; i < height * width * 3; ++i) {
    image.rgb.push_back(static_cast<uint8_t>(i * 37 + i / 11));
  }
  return image;
}

inline Spec smallest() { return {.filters = {2, 2, 1}, .strides = {1, 2, 2}, .kernel = 3}; }

inline std::vector<std::string> valid_npy() {
  return {npy_bytes("<f4", false, 240), npy_bytes(">f8", true, 480), npy_bytes("|u1", false, 60)};
}

inline std::vector<std::string> valid_csv() {
  return {"image,left,right\noak,1,\nash.png,-2.5e1,NaN\n",
          "\xef\xbb\xbf\"image\";\"a \"\"b\"\"\"\r\n1;+3\r\n\r\n\"2\n2\";NA"};
}

inline std::vector<std::string> valid_zip() {
  ZipWriter writer;
  writer.add("folder/", "", ZipWriter::Method::kStored);
  writer.add("folder/a.txt", std::string(300, 'a') + "b", ZipWriter::Method::kDeflated);
  writer.add("b.bin", "stored bytes", ZipWriter::Method::kStored);
  return {writer.bytes()};
}

inline std::vector<std::string> valid_jpeg() {
  return {encode_jpeg(picture(24, 40), 80), encode_jpeg(picture(16, 16), 95),
          encode_png(picture(12, 20))};
}

inline std::vector<std::string> valid_keras() { return {keras_file(smallest())}; }

inline std::vector<std::string> valid_keras_h5() {
  return {numbered_h5(smallest()), legacy_h5(smallest(), legacy_config_of(smallest()))};
}

// Listed, numbered with names from a description, and .npz.
inline std::vector<std::string> valid_layer_arrays() {
  ZipWriter npz;
  npz.add("a/kernel.npy", npy_bytes("<f4", false, 240), ZipWriter::Method::kDeflated);
  npz.add("a/bias.npy", npy_bytes(">f8", false, 480), ZipWriter::Method::kStored);
  return {legacy_h5(smallest(), legacy_config_of(smallest())), keras_file(smallest()), npz.bytes()};
}

inline std::vector<std::string> valid_pickle() {
  Pickler p;
  p.global("collections", "OrderedDict").put(0).op(")R(").text("a").small(1).text("b").op("]");
  p.put(1).op("(NN").integer(-7).raw("bytes").op("e").op("u}").text("c").get(0).op("sb").put(2);
  p.op("(").global("numpy", "dtype").op(")\x88\x89t\x86\x85").get(2).op("\x86");
  return {p.done()};
}

inline std::vector<std::string> valid_numpy_model() {
  return {numpy_file(numpy_arrays(smallest()))};
}

inline std::vector<std::string> valid_torch_model() {
  return {torch_file(torch_tensors(smallest()))};
}

inline std::vector<std::string> valid_safetensors() {
  SafetensorsFile content;
  content.tensors["a"] = Tensor::full({2, 3}, 1.0f);
  content.tensors["b"] = Tensor::full({4}, 2.0f);
  content.metadata = {
      {"architecture", R"({"blocks":[]})"}, {"metadata", "{}"}, {"format", "secateur model 1"}};
  const std::string model = safetensors_bytes(content, "m");
  content.doubles["d"] = {1.0, 2.0};
  content.blobs["raw"] = "bytes";
  return {model, safetensors_bytes(content, "m")};
}

}  // namespace secateur::fixture
