#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <mutex>

#include "web/staff.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr std::size_t upload_bytes_max = 20u << 20;

/// Documents that were looked at and not yet taken or refused: each belongs to who brought it.
class Uploads {
 public:
  static constexpr std::size_t kept_max = 4;
  static constexpr absl::Duration age_max = absl::Minutes(30);

  struct Document {
    std::string plan;
    std::string file_name;
    std::string content;
    std::string owner;
    Instant at;
  };
  std::string keep(Document document) {
    const std::lock_guard lock(mutex_);
    if (documents_.size() >= kept_max) documents_.erase(documents_.begin());
    documents_.emplace_back(random_secret(), std::move(document));
    return documents_.back().first;
  }
  std::optional<Document> take(const std::string& id, const std::string& owner, Instant now) {
    const std::lock_guard lock(mutex_);
    const auto found =
        std::find_if(documents_.begin(), documents_.end(), [&](const auto& each) { return each.first == id; });
    if (found == documents_.end() || found->second.owner != owner) return std::nullopt;
    Document document = std::move(found->second);
    documents_.erase(found);
    if (now - document.at > age_max) return std::nullopt;
    return document;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<std::string, Document>> documents_;  // the oldest first
};

View base(const Staff& staff, const Principal& who) {
  const auto world = staff.site().world();
  const Site::Reader store = staff.site().reader();
  std::vector<View> plans;
  for (const chase::PlanContext& plan : world->plans())
    plans.push_back(View().text("id", plan.id).text("title", store->plan_title(plan.id).value_or(plan.id)));
  View view;
  view.text("csrf", who.csrf).flag("may", who.role >= Role::coordinator);
  view.flag("one_plan", plans.size() == 1).flag("has_plans", !plans.empty()).list("plans", std::move(plans));
  return view;
}

void tell(View& view, const ImportTrial& trial) {
  std::vector<View> problems;
  for (const std::string& problem : trial.problems) problems.push_back(View().text("words", problem));
  view.flag("has_problems", !problems.empty())
      .list("problems", std::move(problems))
      .flag("has_errors", trial.has_errors);
  std::vector<View> changes;
  for (const plan::Change& change : trial.changes.changes) {
    View row;
    row.text("kind", status_words(plan::name_of(change.kind))).text("action", change.action);
    row.text("before", change.before).text("after", change.after);
    row.text("tone", change.kind == plan::ChangeKind::added     ? "good"
                     : change.kind == plan::ChangeKind::dropped ? "bad"
                                                                : "warn");
    changes.push_back(std::move(row));
  }
  view.text("count", counted(changes.size(), "change"));
  view.flag("has_changes", !changes.empty()).list("changes", std::move(changes));
}

Response look(const Staff& staff, Uploads& uploads, const Request& request, const Principal& who) {
  View view = base(staff, who);
  const std::string plan = request.field("plan");
  const auto file = std::find_if(request.uploads.begin(), request.uploads.end(),
                                 [](const Upload& each) { return each.field == "document"; });
  std::string problem;
  if (staff.site().world()->find_plan(plan) == nullptr)
    problem = "Choose a plan.";
  else if (file == request.uploads.end() || file->content.empty())
    problem = "Choose a document that is not empty.";
  if (!problem.empty()) {
    Response response = staff.page(who, "Import", "import", render("import", view.text("problem", problem)));
    response.status = 422;
    return response;
  }
  ImportTrial trial;
  staff.site().on_loop([&](store::Store&, const chase::World&, Instant) {
    trial = staff.site().doors().import(plan, file->content, false, who.actor());
  });
  tell(view, trial);
  view.flag("looked").text("file", file->file_name).text("plan", plan);
  if (!trial.has_errors && !trial.changes.empty()) {
    view.text("upload", uploads.keep({plan, file->file_name, file->content, who.actor(), staff.site().now()}));
  }
  return staff.page(who, "Import", "import", render("import", view));
}

Response settle(const Staff& staff, Uploads& uploads, const Request& request, const Principal& who) {
  auto document = uploads.take(request.field("upload"), who.actor(), staff.site().now());
  if (!document) return staff.error(who, 409, "This change set is not kept any more. Upload the document once more.");
  if (request.field("word") != "apply") return see_other("/import?refused=1");
  ImportTrial trial;
  staff.change([&](store::Store&, const chase::World&, Instant) {
    trial = staff.site().doors().import(document->plan, document->content, true, who.actor());
  });
  if (!trial.taken) {
    View view = base(staff, who);
    tell(view, trial);
    return staff.page(who, "Import", "import", render("import", view.flag("looked").text("file", document->file_name)));
  }
  return see_other("/import?taken=" + std::to_string(trial.changes.changes.size()));
}

/// How many changes were taken, as the address after the import says: "3 changes"; "" if it says none.
std::string taken_words(const std::string& said) {
  std::size_t changes = 0;
  const auto [end, error] = std::from_chars(said.data(), said.data() + said.size(), changes);
  return error == std::errc() && end == said.data() + said.size() ? counted(changes, "change") : "";
}

}  // namespace

void add_import(Staff& staff) {
  const auto uploads = std::make_shared<Uploads>();
  staff.router().add({"GET", "/import", Role::viewer, [&staff](const Request& request, const Principal& who) {
                        View view = base(staff, who);
                        view.text("taken", taken_words(request.query_field("taken")))
                            .flag("refused", !request.query_field("refused").empty());
                        return staff.page(who, "Import", "import", render("import", view));
                      }});
  staff.router().add(
      {"POST", "/import", Role::coordinator,
       [&staff, uploads](const Request& request, const Principal& who) { return look(staff, *uploads, request, who); },
       upload_bytes_max});
  staff.router().add(
      {"POST", "/import/settle", Role::coordinator, [&staff, uploads](const Request& request, const Principal& who) {
         return settle(staff, *uploads, request, who);
       }});
}

}  // namespace chaser::web
