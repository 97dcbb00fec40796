// Just enough of JSON to read the answers of the control socket.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weddell {

struct Json {
    enum class Kind { null, boolean, number, string, array, object };

    Kind kind = Kind::null;
    double number = 0;  // also 0 or 1 of a boolean
    std::string text;
    std::vector<Json> items;
    std::map<std::string, Json> members;

    // The member of that name; null if there is none.
    Json const& operator[](std::string const& name) const;

    // Throws std::runtime_error where the text is not JSON.
    static Json parse(std::string const& text);
};

}  // namespace weddell
