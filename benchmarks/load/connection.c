/* One connection to the compositor and the globals the loads need. */
#include <stdlib.h>
#include <string.h>

#include "load.h"

static void *bind(struct wl_registry *registry, uint32_t name, const struct wl_interface *interface,
		  uint32_t offered, uint32_t wanted)
{
	return wl_registry_bind(registry, name, interface, offered < wanted ? offered : wanted);
}

static void on_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial)
{
	(void)data;
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = {.ping = on_ping};

static void on_global(void *data, struct wl_registry *registry, uint32_t name, const char *interface,
		      uint32_t version)
{
	struct connection *connection = data;

	if (strcmp(interface, "wl_compositor") == 0) {
		connection->compositor = bind(registry, name, &wl_compositor_interface, version, 4);
	} else if (strcmp(interface, "wl_subcompositor") == 0) {
		connection->subcompositor = bind(registry, name, &wl_subcompositor_interface, version, 1);
	} else if (strcmp(interface, "wl_shm") == 0) {
		connection->shm = bind(registry, name, &wl_shm_interface, version, 1);
	} else if (strcmp(interface, "wl_seat") == 0 && !connection->seat) {
		connection->seat = bind(registry, name, &wl_seat_interface, version, 5);
	} else if (strcmp(interface, "wl_output") == 0 && connection->output_count < MAX_OUTPUTS) {
		connection->outputs[connection->output_count++] =
			bind(registry, name, &wl_output_interface, version, 1);
	} else if (strcmp(interface, "xdg_wm_base") == 0) {
		connection->wm_base = bind(registry, name, &xdg_wm_base_interface, version, 1);
		xdg_wm_base_add_listener(connection->wm_base, &wm_base_listener, connection);
	} else if (strcmp(interface, virtual_pointer_manager_interface.name) == 0) {
		connection->virtual_pointer_manager =
			bind(registry, name, &virtual_pointer_manager_interface, version, 1);
	} else if (strcmp(interface, screencopy_manager_interface.name) == 0) {
		connection->screencopy_manager =
			bind(registry, name, &screencopy_manager_interface, version, 1);
	}
}

static void on_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
	(void)data, (void)registry, (void)name;
}

static const struct wl_registry_listener registry_listener = {
	.global = on_global,
	.global_remove = on_global_remove,
};

void connection_open(struct connection *connection)
{
	*connection = (struct connection){.display = wl_display_connect(NULL)};
	if (!connection->display)
		fail("no compositor at WAYLAND_DISPLAY=%s", getenv("WAYLAND_DISPLAY"));
	connection->registry = wl_display_get_registry(connection->display);
	wl_registry_add_listener(connection->registry, &registry_listener, connection);
	if (wl_display_roundtrip(connection->display) < 0)
		fail("the compositor closed the connection");
	need(connection->compositor, "wl_compositor");
	need(connection->shm, "wl_shm");
}

void connection_close(struct connection *connection)
{
	wl_display_disconnect(connection->display);
	connection->display = NULL;
}
