#include "report/atlas_pages.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "report/markup.h"
#include "report/page/page.h"

namespace secateur {
namespace {

constexpr size_t kPhotographsOnCard = 4;
constexpr const char* kSortings =
    "<option value=\"place up\">those alike side by side</option>"
    "<option value=\"r2 down\">accuracy, best first</option>"
    "<option value=\"r2 up\">accuracy, worst first</option>"
    "<option value=\"size up\">parameters, fewest first</option>"
    "<option value=\"size down\">parameters, most first</option>"
    "<option value=\"best down\">response to the preferred image</option>"
    "<option value=\"name up\">name</option>";

// Of a file beside the pages. Folders bear the names of files, in which anything may stand.
std::string link_to(const std::string& folder, const std::string& file) {
  std::string safe;
  for (const char c : folder) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       c == '_' || c == '-' || c == '.';
    safe += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return safe + file;
}

std::string atlas_head(const std::string& title) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n<style>{}{}</style>\n</head>\n<body>\n",
      escaped(title), kStyleCss, kAtlasCss);
}

std::string atlas_sentences(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& one : sentences) text += "<p>" + escaped(one) + "</p>\n";
  return text;
}

std::string size_words(const AtlasEntry& entry) {
  return fmt::format("{} parameters ({}), filters {}", whole(entry.parameters), entry.counted,
                     fmt::join(entry.filters, " + "));
}

std::string score_words(const AtlasEntry& entry) {
  if (!entry.score) return entry.no_score;
  return fmt::format("r² {:.3f} ({:.3f} to {:.3f})", entry.score->r2, entry.score->low,
                     entry.score->high);
}

std::string picture_tag(const AtlasEntry& entry, const std::string& file, const std::string& alt) {
  return fmt::format("<img src=\"{}\" alt=\"{}\" width=\"112\" height=\"112\" loading=\"lazy\">",
                     link_to(entry.name, fmt::format("/{}", file)), escaped(alt));
}

std::string card(const AtlasEntry& entry, size_t place) {
  std::string strip;
  if (!entry.preferred.empty()) {
    strip = picture_tag(entry, "preferred_1.png", "preferred image, made by gradient ascent");
  }
  for (size_t i = 0; i < std::min(kPhotographsOnCard, entry.photographs.size()); ++i) {
    strip += picture_tag(entry, fmt::format("photograph_{}.png", i + 1),
                         fmt::format("photograph of rank {}", i + 1));
  }
  const std::string page = link_to(entry.name, ".html");
  std::string links = fmt::format("<a href=\"{}\">more</a>", page);
  if (!entry.circuit_words.empty()) {
    links += fmt::format(" <a href=\"{}\">circuit</a>", link_to(entry.name, "/circuit.svg"));
  }
  if (entry.playground) {
    links += fmt::format(" <a href=\"{}\">playground</a>", link_to(entry.name, "/playground.html"));
  }
  return fmt::format(
      "<li data-place=\"{}\" data-name=\"{}\" data-r2=\"{}\" data-size=\"{}\" data-best=\"{}\">\n"
      "<h2><a href=\"{}\">{}</a></h2>\n<div class=\"strip\">{}</div>\n<p>{}</p>\n"
      "<p class=\"soft\">{}{}</p>\n<p>{}</p>\n<p>{}</p>\n</li>\n",
      place, escaped(entry.name), entry.score ? fmt::format("{:.6f}", entry.score->r2) : "",
      entry.parameters, entry.preferred.empty() ? "" : fmt::format("{:.6g}", entry.preferred[0]),
      page, breakable(entry.name), strip, escaped(score_words(entry)), escaped(size_words(entry)),
      entry.neuron.empty() ? "" : "; neuron " + escaped(entry.neuron), escaped(entry.prefers),
      links);
}

std::string picture_row(const AtlasEntry& entry, const std::string& title, const char* file,
                        const std::vector<double>& responses,
                        const std::vector<std::string>& names) {
  if (responses.empty()) return "";
  std::string row;
  for (size_t i = 0; i < responses.size(); ++i) {
    const std::string name = i < names.size() ? names[i] + ": " : "";
    const std::string response = fmt::format("{:.3g}", responses[i]);
    row += fmt::format(
        "<figure>{}<figcaption>{}{}</figcaption></figure>\n",
        picture_tag(entry, fmt::format("{}_{}.png", file, i + 1), title + ", " + name + response),
        breakable(name), response);
  }
  return fmt::format("<h3>{}</h3>\n<div class=\"pictures\">\n{}</div>\n", escaped(title), row);
}

std::string drawing(const AtlasEntry& entry, const std::string& file, const std::string& alt) {
  const std::string link = link_to(entry.name, "/" + file);
  return fmt::format(
      "<div class=\"drawing scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{1}\">"
      "<a href=\"{0}\"><img src=\"{0}\" alt=\"{1}\"></a></div>\n",
      link, escaped(alt));
}

// To the page of all, of the neighbours in its order, and of those most alike.
std::string page_links(const std::vector<AtlasEntry>& entries, size_t at) {
  const auto to = [](const std::string& name, const std::string& word) {
    return fmt::format("<a href=\"{}\">{}</a>\n", link_to(name, ".html"), breakable(word));
  };
  std::string links = "<a href=\"index.html\">all models</a>\n";
  if (at > 0) links += to(entries[at - 1].name, "before: " + entries[at - 1].name);
  if (at + 1 < entries.size()) links += to(entries[at + 1].name, "next: " + entries[at + 1].name);
  return "<nav class=\"pages\" aria-label=\"models\">\n" + links + "</nav>\n";
}

std::string alike_section(const AtlasEntry& entry) {
  std::string items;
  for (const auto& [name, correlation] : entry.alike) {
    items += fmt::format("<li><a href=\"{}\">{}</a>, correlation {:.2f}</li>\n",
                         link_to(name, ".html"), breakable(name), correlation);
  }
  return items.empty() ? "" : section_html("alike", "Most alike", "<ul>\n" + items + "</ul>\n");
}

std::string circuit_section(const AtlasEntry& entry) {
  if (entry.circuit_words.empty()) {
    return section_html("circuit", "Circuit", "<p>" + escaped(entry.no_circuit) + "</p>\n");
  }
  return section_html("circuit", "Circuit",
                      drawing(entry, "circuit.svg", "the circuit of " + entry.name) +
                          "<details><summary>The same in words</summary>\n" +
                          atlas_sentences(entry.circuit_words) + "</details>\n");
}

}  // namespace

std::string atlas_index(const AtlasAbout& about, const std::vector<AtlasEntry>& entries) {
  std::string cards;
  for (size_t i = 0; i < entries.size(); ++i) cards += card(entries[i], i);
  return atlas_head(about.title) +
         fmt::format(
             "<main>\n<h1>{}</h1>\n{}"
             "<div class=\"tools\" role=\"search\">\n"
             "<label>Search<input id=\"search\" type=\"search\" "
             "placeholder=\"name or words\"></label>\n"
             "<label>Order<select id=\"order\">{}</select></label>\n"
             "<span id=\"found\" role=\"status\">{} models</span>\n</div>\n"
             "<ul class=\"models\">\n{}</ul>\n</main>\n<script>{}</script>\n"
             "</body>\n</html>\n",
             escaped(about.title), atlas_sentences(about.sentences), kSortings, entries.size(),
             cards, kAtlasJs);
}

std::string atlas_model_page(const std::vector<AtlasEntry>& entries, size_t at) {
  const AtlasEntry& entry = entries[at];
  std::string body = fmt::format(
      "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n<p>{}. {}.{}</p>\n", breakable(entry.name),
      escaped(entry.prefers), escaped(size_words(entry)), escaped(score_words(entry)),
      entry.score
          ? fmt::format(" On {} images that score, with 95 % interval.", entry.score->images)
          : "");
  if (entry.playground) {
    body += fmt::format("<p><a href=\"{}\">Playground: run this model in the browser</a></p>\n",
                        link_to(entry.name, "/playground.html"));
  }
  body += section_html(
      "images", "Images",
      picture_row(entry, "Preferred, by gradient ascent", "preferred", entry.preferred, {}) +
          picture_row(entry, "Photographs of the largest response", "photograph", entry.photographs,
                      entry.photograph_names) +
          picture_row(entry, "Anti-preferred, by gradient descent", "anti", entry.anti, {}) +
          picture_row(entry, "Photographs of the smallest response", "worst", entry.worst,
                      entry.worst_names) +
          "<p class=\"soft\">Numbers are the model's responses. Images by gradient lie far outside "
          "of what it was fitted on: what the neuron gives to them is for an experiment.</p>\n");
  body += section_html("tuning", "Tuning",
                       drawing(entry, "tuning.svg", "tuning of " + entry.name) +
                           atlas_sentences(entry.tuning_words));
  body += circuit_section(entry) + alike_section(entry);
  return atlas_head(entry.name) + "<main>\n" + page_links(entries, at) + body +
         page_links(entries, at) + "</main>\n</body>\n</html>\n";
}

}  // namespace secateur
