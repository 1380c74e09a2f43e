#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "rulebook/cel_evaluation.h"
#include "rulebook/cel_program.h"

namespace chaser::rulebook::cel {
namespace {

struct Operator {
  std::string_view function;
  Op op;
};
constexpr std::array<Operator, 9> operators{{{"_==_", Op::equals},
                                             {"_!=_", Op::differs},
                                             {"_<_", Op::less},
                                             {"_<=_", Op::less_or_equal},
                                             {"_>_", Op::greater},
                                             {"_>=_", Op::greater_or_equal},
                                             {"_in_", Op::in},
                                             {"_[_]", Op::index},
                                             {"!_", Op::negation}}};
constexpr std::array<Operator, 5> macro_operators{{{"all", Op::all},
                                                   {"exists", Op::exists},
                                                   {"exists_one", Op::exists_one},
                                                   {"filter", Op::filter},
                                                   {"map", Op::transform}}};

template <std::size_t size>
const Operator* find_operator(const std::array<Operator, size>& among, std::string_view function) {
  const auto found =
      std::find_if(among.begin(), among.end(), [&](const Operator& each) { return each.function == function; });
  return found == among.end() ? nullptr : &*found;
}

bool is_constant_text(const Code& code) {
  return code.op == Op::constant && code.constant.is(Value::Kind::text);
}

class Compiler {
 public:
  Compiler(Program& program, const Environment& environment, std::vector<Complaint>& complaints)
      : program_(program), environment_(environment), complaints_(complaints) {}

  Code compile(const Expr& expr) {
    Code code = shaped(expr);
    for (const Code& part : code.args) code.weight += part.weight;
    return code;
  }

 private:
  Code shaped(const Expr& expr) {
    switch (expr.kind) {
      case ExprKind::literal:
        return constant(expr.literal);
      case ExprKind::name:
      case ExprKind::select:
        return reference(expr);
      case ExprKind::presence:
        return presence(expr);
      case ExprKind::call:
        return call(expr);
      case ExprKind::list:
        return list(expr);
      case ExprKind::map:
        return with_args(Op::map, expr);
      case ExprKind::conditional:
        return with_args(Op::conditional, expr);
      case ExprKind::all_of:
        return with_args(Op::all_of, expr);
      case ExprKind::any_of:
        return with_args(Op::any_of, expr);
      case ExprKind::macro:
        return macro(expr);
    }
    return constant(problem_value(problem::no_overload));
  }

  static Code constant(Value value) {
    Code code;
    code.constant = value;
    return code;
  }

  Code with_args(Op op, const Expr& expr) {
    Code code;
    code.op = op;
    code.args.reserve(expr.args.size());
    for (const auto& each : expr.args) code.args.push_back(compile(*each));
    return code;
  }

  Code reference(const Expr& expr) {
    const std::string name = dotted_name(expr);
    const Resolution found = name.empty() ? Resolution{} : resolve(name, environment_, locals_for(expr, locals_));
    Code code;
    code.slot = static_cast<std::uint16_t>(found.slot);
    switch (found.kind) {
      case Resolution::Kind::local:
        code.op = Op::local;
        return code;
      case Resolution::Kind::binding:
        code.op = Op::binding;
        return code;
      case Resolution::Kind::fact:
        program_.mentions.set(found.slot);
        code.op = Op::fact;
        return code;
      case Resolution::Kind::unknown:
        break;
    }
    if (expr.kind == ExprKind::name) return constant(problem_value(problem::unknown_name));
    code = with_args(Op::select, expr);
    code.constant = kept_text(expr.name);
    return code;
  }

  Code presence(const Expr& expr) {
    const std::string object = dotted_name(*expr.args.front());
    const Resolution found =
        object.empty() ? Resolution{}
                       : resolve(object + "." + expr.name, environment_, locals_for(*expr.args.front(), locals_));
    if (found.kind == Resolution::Kind::fact) {
      program_.mentions.set(found.slot);
      Code code;
      code.op = Op::fact_presence;
      code.slot = static_cast<std::uint16_t>(found.slot);
      return code;
    }
    Code code = with_args(Op::presence, expr);
    code.constant = kept_text(expr.name);
    return code;
  }

  Value kept_text(std::string_view text) { return text_value(program_.syntax.texts.emplace_back(text)); }

  Code list(const Expr& expr) {
    Code code = with_args(Op::list, expr);
    const bool folds = std::all_of(code.args.begin(), code.args.end(), [](const Code& each) {
      return each.op == Op::constant && !each.constant.is_problem();
    });
    if (!folds) return code;
    std::vector<Value> items;
    for (const Code& each : code.args) items.push_back(each.constant);
    const std::vector<Value>& kept = program_.lists.emplace_back(std::move(items));
    return constant(list_value(kept.data(), kept.size()));
  }

  Code macro(const Expr& expr) {
    const Operator* const shape = find_operator(macro_operators, expr.name);
    Code code;
    code.op = shape->op;
    code.args.push_back(compile(*expr.args[0]));
    code.slot = static_cast<std::uint16_t>(locals_.size());
    locals_.push_back(expr.variable);
    for (std::size_t i = 1; i < expr.args.size(); ++i) code.args.push_back(compile(*expr.args[i]));
    locals_.pop_back();
    return code;
  }

  Code call(const Expr& expr) {
    if (const Operator* const shape = find_operator(operators, expr.name))
      return specialised(with_args(shape->op, expr));
    Code code = with_args(Op::call, expr);
    const Function* const function = find_function(expr.name);
    if (function == nullptr || (function->own && !environment_.own_functions)) {
      return constant(problem_value(problem::unknown_function));
    }
    const auto fits = [&](const Signature& signature) {
      return signature.member == expr.member && signature.parameters.size() == code.args.size();
    };
    if (std::none_of(function->signatures.begin(), function->signatures.end(), fits)) {
      return constant(problem_value(problem::no_overload));
    }
    code.function = function;
    if (function->daily) program_.mentions.set(static_cast<std::size_t>(Fact::today));
    if (function->name == "matches" && is_constant_text(code.args[1])) return pattern(std::move(code), expr);
    if (function->name.starts_with("get") && code.args.size() == 2 && is_constant_text(code.args[1])) {
      keep_zone(std::string(code.args[1].constant.text()));
    }
    return folded(std::move(code), expr);
  }

  /// The forms of the shipped rules: a fact compared with a text, or looked up in a list of texts.
  static Code specialised(Code code) {
    if (code.op == Op::equals || code.op == Op::differs) {
      if (is_constant_text(code.args[0])) std::swap(code.args[0], code.args[1]);
      if (code.args[0].op != Op::fact || !is_constant_text(code.args[1])) return code;
      Code fast;
      fast.op = code.op == Op::equals ? Op::fact_is : Op::fact_is_not;
      fast.slot = code.args[0].slot;
      fast.constant = code.args[1].constant;
      return fast;
    }
    if (code.op != Op::in || code.args[0].op != Op::fact) return code;
    const Code& range = code.args[1];
    if (range.op != Op::constant || !range.constant.is(Value::Kind::list)) return code;
    Code fast;
    fast.op = Op::fact_among;
    fast.slot = code.args[0].slot;
    for (std::size_t i = 0; i < range.constant.size; ++i) {
      if (!range.constant.items[i].is(Value::Kind::text)) return code;
      fast.texts.push_back(range.constant.items[i].text());
    }
    return fast;
  }

  Code pattern(Code code, const Expr& expr) {
    code.pattern = compile_pattern(code.args[1].constant.text());
    if (code.pattern->ok()) {
      code.op = Op::matches;
      return code;
    }
    if (!environment_.literals_checked) return constant(problem_value(problem::pattern));
    const bool too_long = code.args[1].constant.size > pattern_size_most;
    complain(*expr.args[1], too_long ? fmt::format("this pattern is too long: at most {} bytes", pattern_size_most)
                                     : fmt::format("this pattern cannot be read: {}", code.pattern->error()));
    return constant(problem_value(problem::pattern));
  }

  void keep_zone(const std::string& name) {
    if (environment_.zones == nullptr || !*environment_.zones) return;
    if (std::optional<calendar::Zone> zone = (*environment_.zones)(name)) program_.zones.emplace_back(name, *zone);
  }

  /// Dates and lengths of time that are written out are read once, here, and a wrong one is a problem at load.
  Code folded(Code code, const Expr& expr) {
    const std::string_view name = code.function->name;
    if ((name != "timestamp" && name != "duration" && name != "date") || code.args[0].op != Op::constant) return code;
    Evaluation evaluation{program_, nullptr, {}};
    const Value value = code.function->call(name, {&code.args[0].constant, 1}, evaluation);
    if (!value.is_problem() || !environment_.literals_checked) return constant(value);
    const bool out_of_range = value.message == problem::range;
    complain(*expr.args[0],
             name == "timestamp"
                 ? (out_of_range ? "this instant is out of range: the years 1 to 9999"
                                 : "an instant is written as in "
                                   "timestamp(\"2026-12-31T09:00:00Z\"); a day as in date(\"2026-12-31\")")
             : name == "date" ? "a day is written as in date(\"2026-12-31\")"
             : out_of_range   ? "this length of time is out of range: about 292 years"
                              : "a length of time is written as in duration(\"48h\") or duration(\"1h30m\")");
    return constant(value);
  }

  void complain(const Expr& at, std::string message) { complaints_.push_back({at.whole, std::move(message), {}}); }

  Program& program_;
  const Environment& environment_;
  std::vector<Complaint>& complaints_;
  std::vector<std::string> locals_;
};

}  // namespace

std::shared_ptr<const Program> build(std::string_view text, const Environment& environment,
                                     std::vector<Complaint>& complaints, Type* type) {
  Syntax syntax = parse(text, complaints);
  if (!syntax.root) return nullptr;
  refuse_outside(*syntax.root, environment, complaints);
  if (environment.checked) {
    const Type found = check(*syntax.root, environment, complaints);
    if (type != nullptr) *type = found;
  }
  std::shared_ptr<const Program> program = compile(std::move(syntax), environment, complaints);
  return complaints.empty() ? program : nullptr;
}

std::shared_ptr<const Program> compile(Syntax syntax, const Environment& environment,
                                       std::vector<Complaint>& complaints) {
  const auto program = std::make_shared<Program>();
  program->syntax = std::move(syntax);
  program->root = Compiler{*program, environment, complaints}.compile(*program->syntax.root);
  return program;
}

}  // namespace chaser::rulebook::cel
