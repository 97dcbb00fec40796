// The compositor's control socket: one request at a time, each with its answer.
#pragma once

#include <string>

#include "json.hpp"

namespace weddell {

class Control {
public:
    // Throws std::system_error where nobody listens.
    explicit Control(std::string const& path);
    ~Control();
    Control(Control const&) = delete;
    Control& operator=(Control const&) = delete;

    // Ask, and return the result. The events that a request causes are queued to clients by then.
    // Throws std::runtime_error with the compositor's words if it refuses.
    Json call(std::string const& method, std::string const& params = "{}");

    // As call, but a refusal is only told on standard error: the suite expects no answer of input.
    void tell(std::string const& method, std::string const& params) noexcept;

private:
    int const fd;
    int last_id = 0;
    std::string received;

    std::string line();
};

// A connected stream socket. Throws std::system_error.
// name: what our end is bound to, in the abstract namespace; empty for nothing.
int connect_unix(std::string const& path, std::string const& name = {});

// The name that connect_unix bound a socket to; empty for none.
std::string bound_name(int fd);

}  // namespace weddell
