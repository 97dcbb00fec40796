#include "json.hpp"

#include <cctype>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace weddell {
namespace {

class Reader {
public:
    explicit Reader(std::string const& text) : at{text.c_str()} {}

    Json value() {
        skip();
        Json result;
        switch (*at) {
        case '{':
            result.kind = Json::Kind::object;
            ++at;
            if (!accept('}')) {
                do {
                    skip();
                    auto name = string();
                    expect(':');
                    result.members.emplace(std::move(name), value());
                } while (accept(','));
                expect('}');
            }
            return result;
        case '[':
            result.kind = Json::Kind::array;
            ++at;
            if (!accept(']')) {
                do result.items.push_back(value());
                while (accept(','));
                expect(']');
            }
            return result;
        case '"':
            result.kind = Json::Kind::string;
            result.text = string();
            return result;
        case 't': return word("true", Json::Kind::boolean, 1);
        case 'f': return word("false", Json::Kind::boolean, 0);
        case 'n': return word("null", Json::Kind::null, 0);
        default: break;
        }
        char* end = nullptr;
        result.kind = Json::Kind::number;
        result.number = std::strtod(at, &end);
        if (end == at) fail();
        at = end;
        return result;
    }

private:
    char const* at;

    [[noreturn]] void fail() const {
        throw std::runtime_error("not JSON from here on: " + std::string(at).substr(0, 40));
    }

    void skip() {
        while (std::isspace(static_cast<unsigned char>(*at))) ++at;
    }

    bool accept(char wanted) {
        skip();
        if (*at != wanted) return false;
        ++at;
        return true;
    }

    void expect(char wanted) {
        if (!accept(wanted)) fail();
    }

    Json word(char const* name, Json::Kind kind, double number) {
        auto const length = std::strlen(name);
        if (std::strncmp(at, name, length) != 0) fail();
        at += length;
        Json result;
        result.kind = kind;
        result.number = number;
        return result;
    }

    // Escapes stay as they are written, but for those of one character: nobody here looks at others.
    std::string string() {
        if (*at != '"') fail();
        std::string result;
        for (++at; *at != '"'; ++at) {
            if (*at == '\0') fail();
            if (*at == '\\' && at[1] != '\0') {
                ++at;
                if (*at == 'u') result += '\\';
            }
            result += *at;
        }
        ++at;
        return result;
    }
};

}  // namespace

Json const& Json::operator[](std::string const& name) const {
    static Json const nothing;
    auto const found = members.find(name);
    return found == members.end() ? nothing : found->second;
}

Json Json::parse(std::string const& text) { return Reader{text}.value(); }

}  // namespace weddell
