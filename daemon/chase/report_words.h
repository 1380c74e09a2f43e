#pragma once

#include <string>
#include <utility>
#include <vector>

#include "chase/report.h"

namespace chaser::chase {

// The words that the renderings of a report share.

std::string title_words(const Report& report);      // "Exceptions: Kent and Medway climate action plan"
std::string occasion_words(const Report& report);   // "As at 31 March 2027, for the meeting of ..."
std::string scheme_words(const RagScheme& scheme);  // how colours are computed
/// Figures with what they count, those first that a committee asks for.
std::vector<std::pair<std::string, std::string>> figure_words(const Report& report);

std::string date_words(const ReportRow& row);    // "31 Mar 2027", "ongoing, review 1 Dec 2026", the cell's text
std::string slip_words(const ReportRow& row);    // "2 (151 days)", "" for none
std::string age_words(const ReportRow& row);     // "12 days ago", "" without one
std::string asked_words(const ReportRow& row);   // "CCN (29 Jan 2027), KCC (29 Jan 2027, answered 2 Feb 2027)"
std::string status_words(const ReportRow& row);  // "in progress, 40 %"
std::string other_reading_words(const ReportRow& row);
std::string joined(const std::vector<std::string>& parts, std::string_view by = "; ");

}  // namespace chaser::chase
