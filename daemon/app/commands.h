#pragma once

#include "app/command_line.h"

/// The verbs' handlers, a file per kind. Each is named in the table of verbs.cpp alone.
namespace chaser::app {

Exit check_command(const Invocation& invocation, Terminal& terminal);
Exit plan_read_command(const Invocation& invocation, Terminal& terminal);
Exit run_command(const Invocation& invocation, Terminal& terminal);
Exit status_command(const Invocation& invocation, Terminal& terminal);
Exit log_command(const Invocation& invocation, Terminal& terminal);
/// log verify
Exit verify_command(const Invocation& invocation, Terminal& terminal);
Exit outbox_command(const Invocation& invocation, Terminal& terminal);
Exit report_command(const Invocation& invocation, Terminal& terminal);
Exit explain_command(const Invocation& invocation, Terminal& terminal);
Exit forecast_command(const Invocation& invocation, Terminal& terminal);
Exit test_command(const Invocation& invocation, Terminal& terminal);
/// test --cel
Exit cel_command(const Invocation& invocation, Terminal& terminal);
/// test PATH...: rule tests.
Exit rule_test_command(const Invocation& invocation, Terminal& terminal);
/// rules migrate
Exit migrate_command(const Invocation& invocation, Terminal& terminal);
Exit completion_command(const Invocation& invocation, Terminal& terminal);
/// plan import, answer, stop, release, outbox retry and drop, backup: see writing.h.
Exit writing_command(const Invocation& invocation, Terminal& terminal);

}  // namespace chaser::app
