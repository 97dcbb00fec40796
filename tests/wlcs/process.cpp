#include "process.hpp"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace weddell {
namespace {

std::string setting(char const* variable, char const* otherwise) {
    auto const value = std::getenv(variable);
    return value && *value ? value : otherwise;
}

[[noreturn]] void become_zygote(int fd) {
    // WEDDELL_OPTIONS: more options of the compositor, separated by blanks.
    std::istringstream more{setting("WEDDELL_OPTIONS", "--legacy-shell")};
    auto const python = setting("WEDDELL_PYTHON", WEDDELL_PYTHON);
    std::vector<std::string> words{python, WEDDELL_FOLDER "/zygote.py"};
    for (std::string word; more >> word;) words.push_back(word);
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    // One thread: a process with several cannot be forked safely.
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    auto const path = setting("PYTHONPATH", "");
    setenv("PYTHONPATH", (path.empty() ? WEDDELL_ROOT : WEDDELL_ROOT ":" + path).c_str(), 1);
    dup2(fd, STDIN_FILENO);
    execvp(argv[0], argv.data());
    std::cerr << "weddell: cannot run " << python << std::endl;
    _exit(127);
}

}  // namespace

Zygote& Zygote::instance() {
    static Zygote zygote;
    return zygote;
}

Zygote::Zygote() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        throw std::system_error{errno, std::system_category(), "socketpair"};
    fd = ends[0];
    auto const pid = fork();
    if (pid < 0) throw std::system_error{errno, std::system_category(), "fork"};
    if (pid == 0) become_zygote(ends[1]);
    close(ends[1]);
}

std::string Zygote::order(std::string const& text) {
    auto const line = text + "\n";
    if (send(fd, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
        throw std::runtime_error("the process that starts compositors is gone");
    std::string answer;
    for (char byte; answer.empty() || answer.back() != '\n'; answer += byte)
        if (read(fd, &byte, 1) != 1) throw std::runtime_error("the process that starts compositors ended");
    answer.pop_back();
    return answer;
}

Process::Process() {
    auto pattern = std::filesystem::temp_directory_path().string() + "/weddell-wlcs-XXXXXX";
    if (!mkdtemp(pattern.data())) throw std::system_error{errno, std::system_category(), pattern};
    folder = pattern;
    std::istringstream answer{Zygote::instance().order("start " + folder)};
    std::string name;
    answer >> pid >> name;
    if (name.empty()) throw std::runtime_error("the compositor did not start");
    socket = folder + "/" + name;
}

Process::~Process() { stop(); }

void Process::stop() noexcept {
    if (pid.empty()) return;
    try {
        auto const answer = Zygote::instance().order("stop " + pid);
        if (answer != "stopped 0") std::cerr << "weddell: bug: the compositor " << answer << std::endl;
    } catch (std::exception const& error) {
        std::cerr << "weddell: bug: " << error.what() << std::endl;
    }
    pid.clear();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
}

}  // namespace weddell
