#include "channels/template_data.h"

namespace chaser::channels {
namespace {

constexpr const char* subject = "{{subject}}";

// One column that a phone of 320 px shows without scrolling sideways; colours leave light and dark to the reader's
// program.
constexpr const char* layout_html = R"mustache(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{subject}}</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0; padding: 16px; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; color: #1a1a1a; background: #ffffff; }
main { max-width: 600px; margin: 0 auto; overflow-wrap: anywhere; }
h1 { font-size: 20px; line-height: 1.3; margin: 24px 0 8px; }
h2 { font-size: 16px; margin: 24px 0 8px; }
blockquote { margin: 16px 0; padding: 4px 12px; border-left: 4px solid #767676; }
dt { font-weight: bold; margin-top: 8px; }
dd { margin: 0; }
ul { padding-left: 20px; }
li { margin-bottom: 12px; }
section + section { margin-top: 24px; border-top: 1px solid #767676; }
a { color: #0b57d0; }
.lead { font-size: 17px; }
.button { display: inline-block; padding: 12px 20px; border-radius: 6px; background: #0b57d0; color: #ffffff; font-weight: bold; text-decoration: none; }
.why, footer { color: #595959; font-size: 14px; }
@media (prefers-color-scheme: dark) {
  body { color: #e8e8e8; background: #121212; }
  .why, footer { color: #b0b0b0; }
  a { color: #a8c7fa; }
  .button { background: #a8c7fa; color: #0b1f3a; }
}
</style>
</head>
<body>
<main>
{{> body}}</main>
</body>
</html>
)mustache";

constexpr const char* direct_text = R"mustache({{#several}}
This is about {{count}}.

{{/several}}
{{#items}}
{{^first}}

- - -

{{/first}}
{{sentence}}
{{#has_also}}
{{also}}
{{/has_also}}
{{#has_note}}
{{note}}
{{/has_note}}

{{#has_text}}
  {{id}}  {{text}}

{{/has_text}}
  What is asked   {{asks}}
{{#has_last_heard}}
  Last heard      {{last_heard}}
{{/has_last_heard}}
  Status          {{status}}
{{#has_next}}

If we hear nothing, {{next}}.
{{/has_next}}
{{#has_link}}

Answer with a click: {{link}}
{{/has_link}}

{{why}}
{{/items}}
{{#has_more}}

{{more}}
{{/has_more}}

{{how_to_answer}}
{{#has_coordinator}}
Questions: {{coordinator}}, {{coordinator_address}}
{{/has_coordinator}}
{{#has_page}}
All your actions: {{page}}
{{/has_page}}
Reference {{reference}}
)mustache";

constexpr const char* direct_html = R"mustache({{#several}}
<p class="lead">This is about {{count}}.</p>
{{/several}}
{{#items}}
<section>
<h1>{{headline}}: {{name}}</h1>
<p class="lead">{{sentence}}</p>
{{#has_also}}
<p>{{also}}</p>
{{/has_also}}
{{#has_note}}
<p>{{note}}</p>
{{/has_note}}
{{#has_text}}
<blockquote>{{text}}</blockquote>
{{/has_text}}
<dl>
<dt>What is asked</dt><dd>{{asks}}</dd>
{{#has_last_heard}}
<dt>Last heard</dt><dd>{{last_heard}}</dd>
{{/has_last_heard}}
<dt>Status</dt><dd>{{status}}</dd>
</dl>
{{#has_next}}
<p>If we hear nothing, {{next}}.</p>
{{/has_next}}
{{#has_link}}
<p><a class="button" href="{{link}}">Answer about {{id}}</a></p>
{{/has_link}}
<p class="why">{{why}}</p>
</section>
{{/items}}
{{#has_more}}
<p>{{more}}</p>
{{/has_more}}
<p class="lead">{{how_to_answer}}</p>
<footer>
{{#has_coordinator}}
<p>Questions: {{coordinator}}, <a href="mailto:{{coordinator_address}}">{{coordinator_address}}</a></p>
{{/has_coordinator}}
{{#has_page}}
<p><a href="{{page}}">All your actions</a></p>
{{/has_page}}
<p>Reference {{reference}}</p>
</footer>
)mustache";

constexpr const char* list_text = R"mustache({{#items}}
{{^first}}

{{/first}}
{{name}}
    {{state}}. {{asks}}
{{#has_also}}
    {{also}}
{{/has_also}}
{{#has_note}}
    {{note}}
{{/has_note}}
{{#has_last_heard}}
    Last heard: {{last_heard}}
{{/has_last_heard}}
{{#has_next}}
    If we hear nothing, {{next}}.
{{/has_next}}
{{#has_link}}
    Answer with a click: {{link}}
{{/has_link}}
{{/items}}
{{#has_more}}

{{more}}
{{/has_more}}

{{how_to_answer}}
{{#has_coordinator}}
Questions: {{coordinator}}, {{coordinator_address}}
{{/has_coordinator}}
{{#has_page}}
All your actions: {{page}}
{{/has_page}}

Why you get this
{{#items}}
  {{id}}  {{why}}
{{/items}}
{{#has_mute_link}}
No digests any more, please: {{mute_link}}
{{/has_mute_link}}
Reference {{reference}}
)mustache";

constexpr const char* list_html = R"mustache(<ul>
{{#items}}
<li><strong>{{name}}</strong><br>{{state}}. {{asks}}
{{#has_also}}
<br>{{also}}
{{/has_also}}
{{#has_note}}
<br>{{note}}
{{/has_note}}
{{#has_last_heard}}
<br>Last heard: {{last_heard}}
{{/has_last_heard}}
{{#has_next}}
<br>If we hear nothing, {{next}}.
{{/has_next}}
{{#has_link}}
<br><a href="{{link}}">Answer about {{id}}</a>
{{/has_link}}
</li>
{{/items}}
</ul>
{{#has_more}}
<p>{{more}}</p>
{{/has_more}}
<p class="lead">{{how_to_answer}}</p>
<footer>
{{#has_coordinator}}
<p>Questions: {{coordinator}}, <a href="mailto:{{coordinator_address}}">{{coordinator_address}}</a></p>
{{/has_coordinator}}
{{#has_page}}
<p><a href="{{page}}">All your actions</a></p>
{{/has_page}}
<h2>Why you get this</h2>
<ul>
{{#items}}
<li>{{id}}: {{why}}</li>
{{/items}}
</ul>
{{#has_mute_link}}
<p><a href="{{mute_link}}">No digests any more, please</a></p>
{{/has_mute_link}}
<p>Reference {{reference}}</p>
</footer>
)mustache";

constexpr const char* digest_text_head =
    "{{#for_information}}For your information: {{summary}}.{{/for_information}}"
    "{{^for_information}}Your actions: {{summary}}.{{#several}} The most urgent come "
    "first.{{/several}}{{/for_information}}\n\n";
constexpr const char* digest_html_head =
    "<h1>{{subject}}</h1>\n<p class=\"lead\">"
    "{{#for_information}}For your information: {{summary}}.{{/for_information}}"
    "{{^for_information}}Your actions: {{summary}}.{{#several}} The most urgent come "
    "first.{{/several}}{{/for_information}}</p>\n";
constexpr const char* catch_up_text_head =
    "Chaser was out of service when this was to be sent, so it comes late. We are sorry.\n"
    "It is told once, as it stands now: {{summary}}.\n\n";
constexpr const char* catch_up_html_head =
    "<h1>{{subject}}</h1>\n<p class=\"lead\">Chaser was out of service when this was to be sent, so it comes late. We "
    "are sorry. "
    "It is told once, as it stands now: {{summary}}.</p>\n";

// A card's text: each line becomes one paragraph of plain words.
constexpr const char* direct_card = R"mustache({{#items}}
{{#several}}
{{name}}
{{/several}}
{{sentence}}
{{#has_also}}
{{also}}
{{/has_also}}
{{#has_note}}
{{note}}
{{/has_note}}
What is asked: {{asks}}
{{#has_last_heard}}
Last heard: {{last_heard}}
{{/has_last_heard}}
{{#has_next}}
If we hear nothing, {{next}}.
{{/has_next}}
{{why}}
{{/items}}
{{#has_more}}
{{more}}
{{/has_more}}
{{#has_coordinator}}
To answer, write to {{coordinator}}: {{coordinator_address}}
{{/has_coordinator}}
)mustache";

constexpr const char* list_card = R"mustache({{#items}}
{{name}}: {{state}}. {{asks}}
{{#has_also}}
{{also}}
{{/has_also}}
{{/items}}
{{#has_more}}
{{more}}
{{/has_more}}
{{#has_coordinator}}
To answer, write to {{coordinator}}: {{coordinator_address}}
{{/has_coordinator}}
)mustache";
constexpr const char* catch_up_card_head =
    "Chaser was out of service when this was to be sent, so it comes late. It is told once, as it stands now.\n";

}  // namespace

const std::map<std::string, std::string, std::less<>>& built_in_templates() {
  static const std::map<std::string, std::string, std::less<>> templates{
      {"layout.html.mustache", layout_html},
      {"direct.subject.mustache", subject},
      {"direct.txt.mustache", direct_text},
      {"direct.html.mustache", direct_html},
      {"direct.card.mustache", direct_card},
      {"digest.subject.mustache", subject},
      {"digest.txt.mustache", std::string(digest_text_head) + list_text},
      {"digest.html.mustache", std::string(digest_html_head) + list_html},
      {"digest.card.mustache", list_card},
      {"catch_up.subject.mustache", subject},
      {"catch_up.txt.mustache", std::string(catch_up_text_head) + list_text},
      {"catch_up.html.mustache", std::string(catch_up_html_head) + list_html},
      {"catch_up.card.mustache", std::string(catch_up_card_head) + list_card},
  };
  return templates;
}

}  // namespace chaser::channels
