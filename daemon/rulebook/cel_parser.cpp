#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "rulebook/cel_ast.h"
#include "rulebook/cel_lexer.h"

namespace chaser::rulebook::cel {
namespace {

using Node = std::unique_ptr<Expr>;

/// Thrown within parse() alone: the first error of syntax ends the parse.
struct SyntaxError {
  Complaint complaint;
};

struct Sign {
  std::string_view spelling;
  const char* function;
};
constexpr std::array<Sign, 6> relations{
    {{"==", "_==_"}, {"!=", "_!=_"}, {"<", "_<_"}, {"<=", "_<=_"}, {">", "_>_"}, {">=", "_>=_"}}};
constexpr std::array<Sign, 2> sums{{{"+", "_+_"}, {"-", "_-_"}}};
constexpr std::array<Sign, 3> products{{{"*", "_*_"}, {"/", "_/_"}, {"%", "_%_"}}};

template <std::size_t size>
const char* function_of(const Token& token, const std::array<Sign, size>& signs) {
  for (const Sign& sign : signs) {
    if (token.is(sign.spelling)) return sign.function;
  }
  return nullptr;
}

struct MacroShape {
  std::string_view name;
  std::size_t least;
  std::size_t most;
};
constexpr std::array<MacroShape, 5> macros{
    {{"all", 2, 2}, {"exists", 2, 2}, {"exists_one", 2, 2}, {"filter", 2, 2}, {"map", 2, 3}}};

class Parser {
 public:
  Parser(std::string_view text, Syntax& syntax) : lexer_(text), syntax_(syntax) { advance(); }

  Node whole() {
    if (token_.kind == TokenKind::end) fail(token_, "a condition is missing here");
    Node node = expression();
    if (token_.kind != TokenKind::end) unexpected("an operator such as && or the end");
    return node;
  }

 private:
  [[noreturn]] static void fail(Span at, std::string message, std::vector<std::string> notes = {}) {
    throw SyntaxError{{at, std::move(message), std::move(notes)}};
  }
  [[noreturn]] static void fail(const Token& token, std::string message) { fail(token.at, std::move(message)); }
  /// "building messages is": CEL, of a part that conditions leave out.
  [[noreturn]] static void outside(Span at, std::string_view what) {
    throw SyntaxError{{at, std::string(what) + " not part of conditions here", {}, true}};
  }

  [[noreturn]] void unexpected(std::string_view wanted) const {
    if (token_.kind == TokenKind::end) fail(token_, "the condition ends too early: expected " + std::string(wanted));
    for (const auto& [word, sign] : {std::pair{"and", "&&"}, {"or", "||"}, {"is", "=="}, {"equals", "=="}}) {
      if (token_.spelling == word) fail(token_, "for \"" + std::string(word) + "\", write " + sign);
    }
    if (token_.spelling == "not") fail(token_, "for \"not in\", write !(... in [...])");
    if (last_was_name_ && token_.is("{")) outside(token_.at, "building messages with {...} is");
    fail(token_, "expected " + std::string(wanted) + " before " + quoted(token_));
  }
  static std::string quoted(const Token& token) {
    return token.kind == TokenKind::text ? std::string(token.spelling) : "\"" + std::string(token.spelling) + "\"";
  }

  void advance() {
    last_was_name_ = token_.kind == TokenKind::name;
    end_ = token_.at.end;
    token_ = lexer_.next();
    if (token_.kind == TokenKind::bad) throw SyntaxError{{token_.at, token_.message, {}, token_.outside}};
  }
  bool accept(std::string_view sign) {
    if (!token_.is(sign)) return false;
    advance();
    return true;
  }
  void expect(std::string_view sign, const Token& opening) {
    if (accept(sign)) return;
    if (token_.kind == TokenKind::end)
      fail(opening, quoted(opening) + " is never closed with \"" + std::string(sign) + "\"");
    unexpected("\"" + std::string(sign) + "\"");
  }

  Node make(ExprKind kind, Span token, std::string name = {}) {
    if (++nodes_ > nodes_most) fail(token, "this condition has too many parts: at most " + std::to_string(nodes_most));
    Node node = std::make_unique<Expr>();
    node->kind = kind;
    node->token = token;
    node->whole = token;
    node->name = std::move(name);
    return node;
  }
  void adopt(Expr& parent, Node child) {
    parent.depth = std::max(parent.depth, child->depth + 1);
    parent.macros = std::max(parent.macros, child->macros);
    if (parent.depth > depth_most) too_deep(parent.token);
    parent.whole.begin = std::min(parent.whole.begin, child->whole.begin);
    parent.whole.end = std::max(parent.whole.end, child->whole.end);
    parent.args.push_back(std::move(child));
  }
  [[noreturn]] static void too_deep(Span at) {
    fail(at, "this condition is nested too deeply: at most " + std::to_string(depth_most) + " levels");
  }
  template <class... Children>
  Node call(const char* function, Span token, Children... children) {
    Node node = make(ExprKind::call, token, function);
    (adopt(*node, std::move(children)), ...);
    return node;
  }

  Node expression() {
    if (++nesting_ > depth_most) too_deep(token_.at);
    Node condition = either();
    if (token_.is("?")) {
      Node node = make(ExprKind::conditional, token_.at);
      advance();
      adopt(*node, std::move(condition));
      adopt(*node, either());
      if (!accept(":")) unexpected("\":\" and what holds otherwise");
      adopt(*node, expression());
      condition = std::move(node);
    }
    --nesting_;
    return condition;
  }

  Node either() { return chain("||", ExprKind::any_of, &Parser::both); }
  Node both() { return chain("&&", ExprKind::all_of, &Parser::relation); }

  Node chain(std::string_view sign, ExprKind kind, Node (Parser::*part)()) {
    Node first = (this->*part)();
    if (!token_.is(sign)) return first;
    Node node = make(kind, token_.at);
    adopt(*node, std::move(first));
    while (accept(sign)) adopt(*node, (this->*part)());
    return node;
  }

  Node relation() {
    Node left = sum();
    while (true) {
      const char* function = function_of(token_, relations);
      if (token_.kind == TokenKind::name && token_.spelling == "in") function = "_in_";
      if (function == nullptr) return left;
      const Span at = token_.at;
      advance();
      if (token_.is("=")) unexpected("a value");
      left = call(function, at, std::move(left), sum());
    }
  }

  Node sum() { return binary(sums, &Parser::product); }
  Node product() { return binary(products, &Parser::unary); }

  template <std::size_t size>
  Node binary(const std::array<Sign, size>& signs, Node (Parser::*part)()) {
    Node left = (this->*part)();
    while (const char* function = function_of(token_, signs)) {
      const Span at = token_.at;
      advance();
      left = call(function, at, std::move(left), (this->*part)());
    }
    return left;
  }

  Node unary() {
    std::vector<Token> operators;
    while (token_.is("!") || token_.is("-")) {
      if (operators.size() >= depth_most) too_deep(token_.at);
      operators.push_back(token_);
      advance();
    }
    const bool negative = !operators.empty() && operators.back().is("-") &&
                          (token_.kind == TokenKind::integer || token_.kind == TokenKind::real);
    Node node = nullptr;
    if (negative) {
      const Span minus = operators.back().at;
      operators.pop_back();
      node = member(number(&minus));
    } else {
      node = member(primary());
    }
    for (auto each = operators.rbegin(); each != operators.rend(); ++each) {
      node = call(each->is("!") ? "!_" : "-_", each->at, std::move(node));
    }
    return node;
  }

  Node member(Node node) {
    while (true) {
      const Token opening = token_;
      if (accept(".")) {
        node = dotted(std::move(node));
      } else if (accept("[")) {
        if (token_.is("?")) outside(token_.at, "optional values ([?...]) are");
        Node index = expression();
        expect("]", opening);
        node = call("_[_]", opening.at, std::move(node), std::move(index));
        node->whole.end = end_;
      } else {
        return node;
      }
    }
  }

  Node dotted(Node object) {
    if (token_.is("?")) outside(token_.at, "optional values (.?) are");
    const bool is_quoted = token_.kind == TokenKind::quoted_name;
    if (token_.kind != TokenKind::name && !is_quoted) unexpected("a name after the dot");
    const Token name = token_;
    advance();
    if (name.spelling == "in" || name.spelling == "true" || name.spelling == "false" || name.spelling == "null") {
      fail(name, "\"" + std::string(name.spelling) + "\" cannot be a field's name");
    }
    if (!token_.is("(") || is_quoted) {
      Node node = make(ExprKind::select, name.at, is_quoted ? name.text : std::string(name.spelling));
      adopt(*node, std::move(object));
      return node;
    }
    for (const MacroShape& shape : macros) {
      if (name.spelling == shape.name) return macro(shape, name, std::move(object));
    }
    Node node = make(ExprKind::call, name.at, std::string(name.spelling));
    node->member = true;
    adopt(*node, std::move(object));
    arguments(*node);
    return node;
  }

  Node macro(const MacroShape& shape, const Token& name, Node range) {
    Node node = make(ExprKind::macro, name.at, std::string(name.spelling));
    adopt(*node, std::move(range));
    arguments(*node);
    const std::size_t count = node->args.size() - 1;
    if (count > shape.most && node->args[1]->kind == ExprKind::name && node->args[2]->kind == ExprKind::name) {
      outside(name.at, "macros with two variables are");
    }
    const Expr* variable = count > 0 ? node->args[1].get() : nullptr;
    if (count < shape.least || count > shape.most || variable->kind != ExprKind::name) {
      fail(variable != nullptr && count >= shape.least && count <= shape.most ? variable->whole : name.at,
           "write " + std::string(shape.name) + " as in: action.tags." + std::string(shape.name) +
               "(tag, tag.startsWith(\"climate\"))");
    }
    node->variable = variable->name;
    node->variable_at = variable->whole;
    node->args.erase(node->args.begin() + 1);
    std::size_t within = 0;
    for (std::size_t i = 1; i < node->args.size(); ++i) within = std::max(within, node->args[i]->macros);
    if (within + 1 > locals_most) {
      fail(name.at, "too many macros stand within each other: at most " + std::to_string(locals_most));
    }
    node->macros = std::max(node->args[0]->macros, within + 1);
    return node;
  }

  void arguments(Expr& into) {
    const Token opening = token_;
    advance();
    if (!token_.is(")")) {
      do adopt(into, expression());
      while (accept(","));
    }
    expect(")", opening);
    into.whole.end = end_;
  }

  Node primary() {
    switch (token_.kind) {
      case TokenKind::integer:
      case TokenKind::natural:
      case TokenKind::real:
        return number(nullptr);
      case TokenKind::text:
        return text();
      case TokenKind::name:
        return named();
      default:
        break;
    }
    const Token opening = token_;
    if (accept("(")) {
      Node node = expression();
      expect(")", opening);
      node->whole = {opening.at.begin, end_};
      node->grouped = true;
      return node;
    }
    if (accept("[")) return list(opening);
    if (accept("{")) return map(opening);
    if (accept(".")) {
      if (token_.kind != TokenKind::name) unexpected("a name after the dot");
      Node node = named();
      node->rooted = node->kind == ExprKind::name;
      node->whole.begin = opening.at.begin;
      return node;
    }
    unexpected("a value");
  }

  Node named() {
    const Token name = token_;
    if (name.spelling == "in") unexpected("a value");
    advance();
    if (name.spelling == "true" || name.spelling == "false" || name.spelling == "null") {
      Node node = make(ExprKind::literal, name.at);
      node->literal = name.spelling == "null" ? null_value() : boolean_value(name.spelling == "true");
      return node;
    }
    if (name.spelling == "not" && token_.kind != TokenKind::end && !token_.is(")")) fail(name, "for \"not\", write !");
    if (is_reserved(name.spelling))
      fail(name, "\"" + std::string(name.spelling) + "\" is a reserved word; texts go in quotes");
    if (!token_.is("(")) return make(ExprKind::name, name.at, std::string(name.spelling));
    if (name.spelling == "has") return presence(name);
    Node node = make(ExprKind::call, name.at, std::string(name.spelling));
    arguments(*node);
    return node;
  }

  Node presence(const Token& name) {
    Node node = make(ExprKind::presence, name.at);
    arguments(*node);
    if (node->args.size() != 1 || node->args.front()->kind != ExprKind::select) {
      fail(name, "has() asks whether one field is there, as in has(action.due)");
    }
    Node selected = std::move(node->args.front());
    node->args.clear();
    node->name = selected->name;
    node->token = selected->token;
    node->args.push_back(std::move(selected->args.front()));
    return node;
  }

  Node number(const Span* minus) {
    const Token token = token_;
    Node node = make(ExprKind::literal, token.at);
    if (minus != nullptr) node->whole.begin = node->token.begin = minus->begin;
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (token.kind == TokenKind::real) {
      node->literal = real_value(minus != nullptr ? -token.real : token.real);
    } else if (token.kind == TokenKind::natural) {
      node->literal = natural_value(token.magnitude);
    } else {
      if (token.magnitude > most + (minus != nullptr ? 1 : 0)) fail(token, "this number is too large");
      node->literal =
          integer_value(static_cast<std::int64_t>(minus != nullptr ? 0 - token.magnitude : token.magnitude));
    }
    advance();
    return node;
  }

  Node text() {
    Node node = make(ExprKind::literal, token_.at);
    node->literal = text_value(syntax_.texts.emplace_back(std::move(token_.text)));
    advance();
    return node;
  }

  Node list(const Token& opening) {
    Node node = make(ExprKind::list, opening.at);
    while (!token_.is("]")) {
      if (token_.is("?")) outside(token_.at, "optional values ([?...]) are");
      adopt(*node, expression());
      if (!accept(",")) break;
    }
    expect("]", opening);
    node->whole.end = end_;
    return node;
  }

  Node map(const Token& opening) {
    Node node = make(ExprKind::map, opening.at);
    while (!token_.is("}")) {
      if (token_.is("?")) outside(token_.at, "optional values ({?...}) are");
      adopt(*node, expression());
      if (!accept(":")) unexpected("\":\" and the key's value");
      adopt(*node, expression());
      if (!accept(",")) break;
    }
    expect("}", opening);
    node->whole.end = end_;
    return node;
  }

  Lexer lexer_;
  Syntax& syntax_;
  Token token_;
  std::size_t end_ = 0;  // of the token before
  bool last_was_name_ = false;
  int nodes_ = 0;
  int nesting_ = 0;
};

}  // namespace

Syntax parse(std::string_view text, std::vector<Complaint>& complaints) {
  Syntax syntax;
  if (text.size() > text_size_most) {
    complaints.push_back(
        {{0, 1}, "this condition is too long: at most " + std::to_string(text_size_most) + " bytes", {}});
    return syntax;
  }
  try {
    Parser parser{text, syntax};
    syntax.root = parser.whole();
  } catch (SyntaxError& error) {
    complaints.push_back(std::move(error.complaint));
    syntax.root.reset();
  }
  return syntax;
}

}  // namespace chaser::rulebook::cel
