#include "control.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <iostream>
#include <stdexcept>
#include <system_error>

namespace weddell {
namespace {

[[noreturn]] void fail(std::string const& what) {
    throw std::system_error{errno, std::system_category(), what};
}

}  // namespace

int connect_unix(std::string const& path, std::string const& name) {
    int const fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (!name.empty()) {
        name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
        auto const length = offsetof(sockaddr_un, sun_path) + 1 + name.size();
        if (bind(fd, reinterpret_cast<sockaddr const*>(&address), length) < 0) fail("bind @" + name);
        std::memset(address.sun_path, 0, sizeof address.sun_path);
    }
    if (path.size() >= sizeof address.sun_path) throw std::runtime_error("too long: " + path);
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (connect(fd, reinterpret_cast<sockaddr const*>(&address), sizeof address) < 0) fail("connect " + path);
    return fd;
}

std::string bound_name(int fd) {
    sockaddr_un address{};
    socklen_t length = sizeof address;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) < 0) fail("getsockname");
    auto const before = offsetof(sockaddr_un, sun_path) + 1;
    return length > before ? std::string(address.sun_path + 1, length - before) : std::string{};
}

Control::Control(std::string const& path) : fd{connect_unix(path)} {}

Control::~Control() { close(fd); }

std::string Control::line() {
    for (;;) {
        auto const end = received.find('\n');
        if (end != std::string::npos) {
            auto result = received.substr(0, end);
            received.erase(0, end + 1);
            return result;
        }
        char buffer[4096];
        auto const count = read(fd, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw std::runtime_error("the compositor has closed the control socket");
        received.append(buffer, static_cast<std::size_t>(count));
    }
}

Json Control::call(std::string const& method, std::string const& params) {
    auto const id = ++last_id;
    auto const request = R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" + method +
                         R"(","params":)" + params + "}\n";
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
        fail("send " + method);
    auto const answer = Json::parse(line());
    if (answer["error"].kind == Json::Kind::object)
        throw std::runtime_error(method + " " + params + ": " + answer["error"]["message"].text);
    return answer["result"];
}

void Control::tell(std::string const& method, std::string const& params) noexcept {
    try {
        call(method, params);
    } catch (std::exception const& error) {
        std::cerr << "weddell: " << error.what() << std::endl;
    }
}

}  // namespace weddell
