/*
 * The two wlroots protocols the load client speaks, declared by hand (version 1
 * of each), since the system ships no description of them: virtual-pointer and
 * screencopy. Signatures are those of the published protocols.
 */
#include "load.h"

static const struct wl_interface *no_types[6];

static const struct wl_interface *create_types[] = {&wl_seat_interface, &virtual_pointer_interface};

static const struct wl_message virtual_pointer_manager_requests[] = {
	{"create_virtual_pointer", "?on", create_types},
	{"destroy", "", no_types},
};

const struct wl_interface virtual_pointer_manager_interface = {
	"zwlr_virtual_pointer_manager_v1", 1, 2, virtual_pointer_manager_requests, 0, NULL,
};

enum { POINTER_MOTION, POINTER_MOTION_ABSOLUTE, POINTER_BUTTON, POINTER_AXIS, POINTER_FRAME };

static const struct wl_message virtual_pointer_requests[] = {
	{"motion", "uff", no_types},
	{"motion_absolute", "uuuuu", no_types},
	{"button", "uuu", no_types},
	{"axis", "uuf", no_types},
	{"frame", "", no_types},
	{"axis_source", "u", no_types},
	{"axis_stop", "uu", no_types},
	{"axis_discrete", "uufi", no_types},
	{"destroy", "", no_types},
};

const struct wl_interface virtual_pointer_interface = {
	"zwlr_virtual_pointer_v1", 1, 9, virtual_pointer_requests, 0, NULL,
};

static const struct wl_interface *capture_types[] = {
	&screencopy_frame_interface, NULL, &wl_output_interface, NULL, NULL, NULL, NULL,
};

static const struct wl_message screencopy_manager_requests[] = {
	{"capture_output", "nio", capture_types},
	{"capture_output_region", "nioiiii", capture_types},
	{"destroy", "", no_types},
};

const struct wl_interface screencopy_manager_interface = {
	"zwlr_screencopy_manager_v1", 1, 3, screencopy_manager_requests, 0, NULL,
};

static const struct wl_interface *copy_types[] = {&wl_buffer_interface};

static const struct wl_message screencopy_frame_requests[] = {
	{"copy", "o", copy_types},
	{"destroy", "", no_types},
};

static const struct wl_message screencopy_frame_events[] = {
	{"buffer", "uuuu", no_types},
	{"flags", "u", no_types},
	{"ready", "uuu", no_types},
	{"failed", "", no_types},
};

const struct wl_interface screencopy_frame_interface = {
	"zwlr_screencopy_frame_v1", 1, 2, screencopy_frame_requests, 4, screencopy_frame_events,
};

struct wl_proxy *virtual_pointer_create(struct wl_proxy *manager, struct wl_seat *seat)
{
	return wl_proxy_marshal_flags(manager, 0, &virtual_pointer_interface, 1, 0, seat, NULL);
}

void virtual_pointer_move_to(struct wl_proxy *pointer, uint32_t time_ms, uint32_t x, uint32_t y,
			     uint32_t width, uint32_t height)
{
	wl_proxy_marshal_flags(pointer, POINTER_MOTION_ABSOLUTE, NULL, 1, 0, time_ms, x, y, width, height);
	wl_proxy_marshal_flags(pointer, POINTER_FRAME, NULL, 1, 0);
}
