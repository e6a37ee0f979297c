#include "report/picture_sheet.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/image_writer.h"
#include "report/markup.h"

namespace secateur {
namespace {

constexpr int kSheetSide = 128;  // of a picture on the sheet, its larger side
constexpr int kSheetGap = 12, kSheetTitle = 26, kSheetCaption = 20, kSheetMargin = 16;
constexpr int kSheetLetters = 8;  // wide, about

constexpr const char* kSheetStyle = R"css(
:root { color-scheme: light dark; }
svg { background: #fff; }
text { font: 13px system-ui, "DejaVu Sans", Arial, sans-serif; fill: #22252a; }
.title { font-weight: 600; }
.soft { fill: #646a73; }
@media (prefers-color-scheme: dark) {
  svg { background: #16181b; } text { fill: #e6e6e3; } .soft { fill: #9aa0a8; }
}
)css";

std::string sheet_words(int x, int y, const char* kind, const std::string& text) {
  return fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\">{}</text>\n", kind, x, y, escaped(text));
}

std::string sheet_picture(const CaptionedPicture& one, int x, int y) {
  const double scale =
      static_cast<double>(kSheetSide) / std::max(one.picture.height, one.picture.width);
  return fmt::format(
             "<image x=\"{}\" y=\"{}\" width=\"{:.0f}\" height=\"{:.0f}\" "
             "style=\"image-rendering:pixelated\" href=\"{}\"><title>{}</title></image>\n",
             x, y, scale * one.picture.width, scale * one.picture.height,
             png_uri(encode_png(one.picture)), escaped(one.caption)) +
         sheet_words(x, y + kSheetSide + kSheetCaption - 5, "soft", one.caption);
}

}  // namespace

std::string picture_sheet_svg(const std::string& title, const std::vector<PictureRow>& rows) {
  int y = kSheetMargin + kSheetTitle;
  int width = 2 * kSheetMargin + kSheetLetters * static_cast<int>(title.size());
  std::string body;
  for (const PictureRow& row : rows) {
    if (row.pictures.empty()) continue;
    body += sheet_words(kSheetMargin, y + kSheetTitle - 10, "title", row.title);
    y += kSheetTitle;
    int x = kSheetMargin;
    for (const CaptionedPicture& one : row.pictures) {
      body += sheet_picture(one, x, y);
      x += kSheetSide + kSheetGap;
    }
    width = std::max({width, x - kSheetGap + kSheetMargin,
                      2 * kSheetMargin + kSheetLetters * static_cast<int>(row.title.size())});
    y += kSheetSide + kSheetCaption + kSheetGap;
  }
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
             "height=\"{1}\" role=\"img\"><title>{2}</title><style>{3}</style>\n",
             width, y + kSheetMargin, escaped(title), kSheetStyle) +
         sheet_words(kSheetMargin, kSheetMargin + 14, "title", title) + body + "</svg>\n";
}

}  // namespace secateur
