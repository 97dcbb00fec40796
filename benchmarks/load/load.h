/*
 * The load client of the benchmarks: what its files share.
 *
 * One process plays one load (see benchmarks/loads.py) against any compositor
 * that has wl_compositor, wl_subcompositor, wl_shm and xdg_wm_base. Buffers are
 * drawn before the measurement, so that the time seen belongs to the compositor.
 * It uses libwayland-client and nothing of the compositor it measures.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-client.h>

#include "xdg-shell-client.h"

#define BUFFERS_PER_SURFACE 3
#define MAX_OUTPUTS 16
#define REFRESH_US 16667 /* what every compositor is asked for */
#define HASTE_US 1000    /* and may be faster by */

struct surface;

/* Memory shared with the compositor, sealed against shrinking when `sealed`. */
struct pool {
	int fd;
	size_t size, used;
	uint8_t *data;
	struct wl_shm_pool *resource;
};

struct buffer {
	struct wl_buffer *resource;
	struct surface *surface;
	bool busy;     /* attached and committed, not released yet */
	bool one_shot; /* destroyed and freed at release */
};

enum damage_kind {
	DAMAGE_FULL,
	DAMAGE_RECT, /* one rectangle that wanders over the surface */
	DAMAGE_ROWS, /* a rectangle per line of text, as a terminal scrolls */
};

struct damage {
	enum damage_kind kind;
	int width, height; /* of the rectangle, or of one line of text */
};

enum mode {
	MODE_STEADY,     /* attach one of three pre-rendered buffers */
	MODE_RESIZE,     /* another size at every frame, in a pool that grows */
	MODE_UNSEALABLE, /* a new pool at every frame, in a memfd that takes no seals */
	MODE_POINTER,    /* 1000 pointer motions a second, the windows stand still */
};

struct connection {
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct wl_subcompositor *subcompositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm_base;
	struct wl_seat *seat;
	struct wl_proxy *virtual_pointer_manager;
	struct wl_proxy *screencopy_manager;
	struct wl_output *outputs[MAX_OUTPUTS];
	int output_count;
};

struct surface {
	struct connection *connection;
	struct wl_surface *resource;
	struct wl_subsurface *subsurface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	struct wl_callback *frame;
	struct buffer buffers[BUFFERS_PER_SURFACE];
	int width, height;
	bool alpha, animated, configured, starved, fullscreen;
	enum mode mode;
	struct damage damage;
	uint64_t committed_ns;
	uint64_t count; /* commits with a new buffer */
	struct pool growing;
	int growing_left; /* frames left before a new growing pool is begun */
};

/* Times in microseconds. */
struct samples {
	uint32_t *us;
	size_t count, room;
};

/* What is measured between `start` and `stop`. */
struct tally {
	bool running;
	struct surface *lead; /* whose frame callbacks count as frames */
	uint64_t frames, commits, callbacks, starved, motions_sent, motions_seen;
	struct samples latencies, intervals; /* between two frames */
	uint64_t framed_ns; /* when the last frame was told of, or it was started */
};

extern struct tally tally;

/* util.c */
uint64_t now_ns(void);
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *need(void *pointer, const char *what);
void sample(struct samples *samples, uint64_t ns);
uint32_t percentile(struct samples *samples, double fraction);
uint64_t missed_frames(void);
void pool_open(struct pool *pool, struct wl_shm *shm, size_t size, bool sealed);
size_t pool_take(struct pool *pool, size_t size);
void pool_grow(struct pool *pool, size_t size);
void pool_close(struct pool *pool);
void paint(uint8_t *pixels, int width, int height, bool alpha, unsigned phase);

/* connection.c */
void connection_open(struct connection *connection);
void connection_close(struct connection *connection);

/* surface.c */
void surface_open(struct surface *surface, struct connection *connection);
void surface_make_toplevel(struct surface *surface, const char *title, bool fullscreen,
			   struct wl_output *output);
void surface_make_child(struct surface *surface, struct surface *parent, int x, int y, bool below);
void surface_make_buffers(struct surface *surface, struct pool *pool);
size_t surface_pool_bytes(const struct surface *surface);
void surface_submit(struct surface *surface, bool ask_frame);
void surface_stop(struct surface *surface);

/* wlr.c */
extern const struct wl_interface virtual_pointer_manager_interface;
extern const struct wl_interface virtual_pointer_interface;
extern const struct wl_interface screencopy_manager_interface;
extern const struct wl_interface screencopy_frame_interface;
struct wl_proxy *virtual_pointer_create(struct wl_proxy *manager, struct wl_seat *seat);
void virtual_pointer_move_to(struct wl_proxy *pointer, uint32_t time_ms, uint32_t x, uint32_t y,
			     uint32_t width, uint32_t height);

#endif
