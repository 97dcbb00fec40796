// What WLCS, the Wayland conformance suite, loads: its interface on one side, a compositor on the other.
//
// The compositor is a process of its own and is driven over its control socket, whose answers come when
// the events that a request causes are queued to clients. A client is told from others by the abstract
// name its socket is bound to, a surface by its object id.

#include <unistd.h>
#include <wayland-client.h>
#include <wlcs/display_server.h>
#include <wlcs/pointer.h>
#include <wlcs/touch.h>

#include <cstdarg>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "control.hpp"
#include "process.hpp"

#if WLCS_DISPLAY_SERVER_VERSION < 4
// Later releases know keyboards, and this module may be run by one.
#define WLCS_KEYBOARD_VERSION 1
struct WlcsKeyboard {
    uint32_t version;
    void (*key_down)(WlcsKeyboard*, int code);
    void (*key_up)(WlcsKeyboard*, int code);
    void (*destroy)(WlcsKeyboard*);
};
struct DisplayServer : WlcsDisplayServer {
    WlcsKeyboard* (*create_keyboard)(WlcsDisplayServer*);
};
#else
#include <wlcs/keyboard.h>
using DisplayServer = WlcsDisplayServer;
#endif

namespace {

using weddell::Control;
using weddell::Process;

std::string format(char const* text, ...) __attribute__((format(printf, 1, 2)));
std::string format(char const* text, ...) {
    char buffer[200];
    va_list arguments;
    va_start(arguments, text);
    std::vsnprintf(buffer, sizeof buffer, text, arguments);
    va_end(arguments);
    return buffer;
}

struct Server : DisplayServer {
    std::unique_ptr<Process> process;
    std::unique_ptr<Control> control;
};

Server& of(WlcsDisplayServer* server) { return *static_cast<Server*>(static_cast<DisplayServer*>(server)); }

// Globals, as any client hears of them

struct Extensions {
    std::map<std::string, uint32_t> versions;
    std::vector<WlcsExtensionDescriptor> list;
    WlcsIntegrationDescriptor descriptor{};

    explicit Extensions(std::string const& socket) {
        auto const display = wl_display_connect_to_fd(weddell::connect_unix(socket));
        if (!display) throw std::runtime_error("cannot connect");
        auto const registry = wl_display_get_registry(display);
        wl_registry_add_listener(registry, &listener, this);
        wl_display_roundtrip(display);
        wl_registry_destroy(registry);
        wl_display_disconnect(display);
        for (auto const& [name, version] : versions) list.push_back({name.c_str(), version});
        descriptor = {WLCS_INTEGRATION_DESCRIPTOR_VERSION, list.size(), list.data()};
    }

private:
    static void global(void* data, wl_registry*, uint32_t, char const* name, uint32_t version) {
        static_cast<Extensions*>(data)->versions[name] = version;
    }
    static void removed(void*, wl_registry*, uint32_t) {}
    static constexpr wl_registry_listener listener{global, removed};
};

WlcsIntegrationDescriptor const* get_descriptor(WlcsDisplayServer const* server) {
    // The same for every compositor of a run.
    static Extensions const extensions{of(const_cast<WlcsDisplayServer*>(server)).process->socket_path()};
    return &extensions.descriptor;
}

// Clients and their windows

int create_client_socket(WlcsDisplayServer* server) {
    static int count = 0;
    try {
        auto const name = format("weddell-wlcs-%d-%d", getpid(), ++count);
        return weddell::connect_unix(of(server).process->socket_path(), name);
    } catch (std::exception const& error) {
        std::cerr << "weddell: " << error.what() << std::endl;
        return -1;
    }
}

// Move what one method lists and the other moves; says whether the surface was found there.
bool move(Control& control, char const* lists, char const* moves, wl_display* client, uint32_t id, int x, int y) {
    auto const peer = "@" + weddell::bound_name(wl_display_get_fd(client));
    for (auto const& item : control.call(lists).items)
        if (item["peer"].text == peer && item["surface"].number == id) {
            auto const number = static_cast<int>(item["id"].number);
            control.tell(moves, format(R"({"id":%d,"x":%d,"y":%d})", number, x, y));
            return true;
        }
    return false;
}

void position_window(WlcsDisplayServer* server, wl_display* client, wl_surface* surface, int x, int y) {
    auto& control = *of(server).control;
    auto const id = wl_proxy_get_id(reinterpret_cast<wl_proxy*>(surface));
    if (!move(control, "windows.list", "window.move", client, id, x, y) &&
        !move(control, "layers.list", "layer.move", client, id, x, y))
        std::cerr << "weddell: no window is surface " << id << std::endl;
}

// Devices

struct Pointer : WlcsPointer {
    Control& control;

    explicit Pointer(Control& control) : control{control} {
        version = WLCS_POINTER_VERSION;
        move_absolute = [](WlcsPointer* self, wl_fixed_t x, wl_fixed_t y) {
            move(self, "pointer.move", R"({"x":%.3f,"y":%.3f})", x, y);
        };
        move_relative = [](WlcsPointer* self, wl_fixed_t dx, wl_fixed_t dy) {
            move(self, "pointer.move_by", R"({"dx":%.3f,"dy":%.3f})", dx, dy);
        };
        button_up = [](WlcsPointer* self, int button) { press(self, button, "false"); };
        button_down = [](WlcsPointer* self, int button) { press(self, button, "true"); };
        destroy = [](WlcsPointer* self) { delete static_cast<Pointer*>(self); };
    }

private:
    static void move(WlcsPointer* self, char const* method, char const* params, wl_fixed_t x, wl_fixed_t y) {
        char text[100];
        std::snprintf(text, sizeof text, params, wl_fixed_to_double(x), wl_fixed_to_double(y));
        static_cast<Pointer*>(self)->control.tell(method, text);
    }
    static void press(WlcsPointer* self, int button, char const* pressed) {
        static_cast<Pointer*>(self)->control.tell(
            "pointer.button", format(R"({"button":%d,"pressed":%s})", button, pressed));
    }
};

// One finger. Its coordinates are declared as fixed-point, but come as plain integers.
struct Touch : WlcsTouch {
    Control& control;
    int const id;

    Touch(Control& control, int id) : control{control}, id{id} {
        version = WLCS_TOUCH_VERSION;
        touch_down = [](WlcsTouch* self, wl_fixed_t x, wl_fixed_t y) { put(self, "touch.down", x, y); };
        touch_move = [](WlcsTouch* self, wl_fixed_t x, wl_fixed_t y) { put(self, "touch.move", x, y); };
        touch_up = [](WlcsTouch* self) {
            auto const me = static_cast<Touch*>(self);
            me->control.tell("touch.up", format(R"({"id":%d})", me->id));
        };
        destroy = [](WlcsTouch* self) { delete static_cast<Touch*>(self); };
    }

private:
    static void put(WlcsTouch* self, char const* method, int x, int y) {
        auto const me = static_cast<Touch*>(self);
        me->control.tell(method, format(R"({"id":%d,"x":%d,"y":%d})", me->id, x, y));
    }
};

struct Keyboard : WlcsKeyboard {
    Control& control;

    explicit Keyboard(Control& control) : control{control} {
        version = WLCS_KEYBOARD_VERSION;
        key_down = [](WlcsKeyboard* self, int code) { press(self, code, "true"); };
        key_up = [](WlcsKeyboard* self, int code) { press(self, code, "false"); };
        destroy = [](WlcsKeyboard* self) { delete static_cast<Keyboard*>(self); };
    }

private:
    static void press(WlcsKeyboard* self, int code, char const* pressed) {
        static_cast<Keyboard*>(self)->control.tell(
            "keyboard.key", format(R"({"key":%d,"pressed":%s})", code, pressed));
    }
};

// The server

WlcsDisplayServer* create_server(int, char const**) {
    auto server = std::make_unique<Server>();
    server->version = 4;
    server->start = [](WlcsDisplayServer*) {};  // it runs since it was made
    server->stop = [](WlcsDisplayServer* self) { of(self).process->stop(); };
    server->create_client_socket = create_client_socket;
    server->position_window_absolute = position_window;
    server->create_pointer = [](WlcsDisplayServer* self) -> WlcsPointer* {
        return new Pointer{*of(self).control};
    };
    server->create_touch = [](WlcsDisplayServer* self) -> WlcsTouch* {
        static int fingers = 0;
        return new Touch{*of(self).control, fingers++};
    };
    server->create_keyboard = [](WlcsDisplayServer* self) -> WlcsKeyboard* {
        return new Keyboard{*of(self).control};
    };
    server->get_descriptor = get_descriptor;
    server->process = std::make_unique<Process>();
    server->control = std::make_unique<Control>(server->process->control_path());
    // Away from where windows come up and are moved to: what the pointer does is for the tests to say.
    server->control->call("pointer.move", R"({"x":1919,"y":1079})");
    return server.release();
}

void destroy_server(WlcsDisplayServer* server) { delete &of(server); }

}  // namespace

extern "C" WlcsServerIntegration const wlcs_server_integration{
    WLCS_SERVER_INTEGRATION_VERSION, create_server, destroy_server};
