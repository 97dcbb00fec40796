// Compositors as processes of their own, forked from one that has everything imported.
#pragma once

#include <sys/types.h>

#include <string>

namespace weddell {

// The process that forks compositors: one for the whole run of the suite.
class Zygote {
public:
    static Zygote& instance();

    // Send one order, return the answer. Throws std::runtime_error if the process is gone.
    std::string order(std::string const& text);

private:
    Zygote();
    int fd;
};

// One running compositor, in a folder of its own.
class Process {
public:
    Process();
    ~Process();
    Process(Process const&) = delete;
    Process& operator=(Process const&) = delete;

    std::string const& socket_path() const { return socket; }
    std::string control_path() const { return socket + ".ctl"; }

    // End it and wait. Tells on standard error if its status is not 0.
    void stop() noexcept;

private:
    std::string folder;
    std::string socket;
    std::string pid;
};

}  // namespace weddell
