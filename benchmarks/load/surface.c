/* A surface of the load: its buffers, what it submits, and its frame callbacks. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

#define GROWTH_STEPS 40 /* frames from the smallest to the largest size of a live resize */

static const struct wl_callback_listener frame_listener;

static uint32_t shm_format(const struct surface *surface)
{
	return surface->alpha ? WL_SHM_FORMAT_ARGB8888 : WL_SHM_FORMAT_XRGB8888;
}

static void on_release(void *data, struct wl_buffer *resource)
{
	struct buffer *buffer = data;
	struct surface *surface = buffer->surface;

	buffer->busy = false;
	if (buffer->one_shot) {
		wl_buffer_destroy(resource);
		free(buffer);
	} else if (surface->starved && surface->animated) {
		surface->starved = false;
		surface_submit(surface, true);
	}
}

static const struct wl_buffer_listener buffer_listener = {.release = on_release};

static void on_xdg_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial)
{
	struct surface *surface = data;
	xdg_surface_ack_configure(xdg_surface, serial);
	surface->configured = true;
}

static const struct xdg_surface_listener xdg_surface_listener = {.configure = on_xdg_configure};

static void on_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
				  int32_t height, struct wl_array *states)
{
	struct surface *surface = data;
	uint32_t *state;
	(void)toplevel;

	surface->fullscreen = false;
	wl_array_for_each(state, states)
		if (*state == XDG_TOPLEVEL_STATE_FULLSCREEN)
			surface->fullscreen = true;
	if (surface->fullscreen && width > 0 && (width != surface->width || height != surface->height))
		fail("the output is %dx%d, the load wants %dx%d", width, height, surface->width,
		     surface->height);
}

static void on_toplevel_close(void *data, struct xdg_toplevel *toplevel)
{
	(void)data, (void)toplevel;
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = on_toplevel_configure,
	.close = on_toplevel_close,
};

void surface_open(struct surface *surface, struct connection *connection)
{
	surface->connection = connection;
	surface->growing.fd = -1;
	surface->resource = wl_compositor_create_surface(connection->compositor);
	if (!surface->alpha) {
		struct wl_region *region = wl_compositor_create_region(connection->compositor);
		wl_region_add(region, 0, 0, surface->width, surface->height);
		wl_surface_set_opaque_region(surface->resource, region);
		wl_region_destroy(region);
	}
}

void surface_make_toplevel(struct surface *surface, const char *title, bool fullscreen,
			   struct wl_output *output)
{
	struct connection *connection = surface->connection;
	surface->xdg_surface = xdg_wm_base_get_xdg_surface(need(connection->wm_base, "xdg_wm_base"),
							   surface->resource);
	xdg_surface_add_listener(surface->xdg_surface, &xdg_surface_listener, surface);
	surface->toplevel = xdg_surface_get_toplevel(surface->xdg_surface);
	xdg_toplevel_add_listener(surface->toplevel, &toplevel_listener, surface);
	xdg_toplevel_set_title(surface->toplevel, title);
	xdg_toplevel_set_app_id(surface->toplevel, "load");
	if (fullscreen)
		xdg_toplevel_set_fullscreen(surface->toplevel, output);
	wl_surface_commit(surface->resource);
}

void surface_make_child(struct surface *surface, struct surface *parent, int x, int y, bool below)
{
	struct wl_subcompositor *subcompositor =
		need(surface->connection->subcompositor, "wl_subcompositor");
	surface->subsurface =
		wl_subcompositor_get_subsurface(subcompositor, surface->resource, parent->resource);
	wl_subsurface_set_position(surface->subsurface, x, y);
	wl_subsurface_set_desync(surface->subsurface);
	if (below)
		wl_subsurface_place_below(surface->subsurface, parent->resource);
	surface->configured = true;
}

size_t surface_pool_bytes(const struct surface *surface)
{
	return (size_t)surface->width * (size_t)surface->height * 4u * BUFFERS_PER_SURFACE;
}

void surface_make_buffers(struct surface *surface, struct pool *pool)
{
	size_t bytes = surface_pool_bytes(surface) / BUFFERS_PER_SURFACE;
	for (unsigned i = 0; i < BUFFERS_PER_SURFACE; i++) {
		struct buffer *buffer = &surface->buffers[i];
		size_t offset = pool_take(pool, bytes);
		paint(pool->data + offset, surface->width, surface->height, surface->alpha, i);
		buffer->surface = surface;
		buffer->resource =
			wl_shm_pool_create_buffer(pool->resource, (int32_t)offset, surface->width,
						  surface->height, surface->width * 4, shm_format(surface));
		wl_buffer_add_listener(buffer->resource, &buffer_listener, buffer);
	}
}

static struct buffer *one_shot_buffer(struct surface *surface, struct pool *pool, size_t offset, int width,
				      int height)
{
	struct buffer *buffer = calloc(1, sizeof(*buffer));
	if (!buffer)
		fail("out of memory");
	buffer->one_shot = true;
	buffer->surface = surface;
	buffer->resource = wl_shm_pool_create_buffer(pool->resource, (int32_t)offset, width, height,
						     width * 4, shm_format(surface));
	wl_buffer_add_listener(buffer->resource, &buffer_listener, buffer);
	return buffer;
}

/* Written, not mapped: what a toolkit does that draws into malloc'ed memory. */
static struct buffer *unsealable_buffer(struct surface *surface)
{
	static uint8_t *pixels;
	size_t size = (size_t)surface->width * (size_t)surface->height * 4u, done = 0;
	struct pool pool;

	if (!pixels) {
		pixels = malloc(size);
		if (!pixels)
			fail("out of memory");
		paint(pixels, surface->width, surface->height, surface->alpha, 0);
	}
	pool_open(&pool, surface->connection->shm, size, false);
	while (done < size) {
		ssize_t written = pwrite(pool.fd, pixels + done, size - done, (off_t)done);
		if (written <= 0)
			fail("pwrite: %s", strerror(errno));
		done += (size_t)written;
	}
	struct buffer *buffer = one_shot_buffer(surface, &pool, 0, surface->width, surface->height);
	pool_close(&pool);
	return buffer;
}

/* The window grows from half size to full size in GROWTH_STEPS frames, and its
 * pool with it; then a new pool is begun. Every buffer lies at the start of the
 * pool and only the bytes a growth adds are painted, so a frame that is still
 * shown does not change under the compositor. */
static struct buffer *growing_buffer(struct surface *surface, int *width, int *height)
{
	if (surface->growing_left == 0) {
		pool_close(&surface->growing);
		surface->growing_left = GROWTH_STEPS;
	}
	int step = GROWTH_STEPS - surface->growing_left + 1;
	*width = surface->width / 2 + surface->width / 2 * step / GROWTH_STEPS;
	*height = surface->height / 2 + surface->height / 2 * step / GROWTH_STEPS;
	size_t size = (size_t)*width * (size_t)*height * 4u, before = surface->growing.size;

	if (surface->growing.fd < 0) {
		pool_open(&surface->growing, surface->connection->shm, size, true);
		before = 0;
	} else {
		pool_grow(&surface->growing, size);
	}
	memset(surface->growing.data + before, 0x50 + 2 * step, size - before);
	surface->growing_left--;
	return one_shot_buffer(surface, &surface->growing, 0, *width, *height);
}

static struct buffer *free_buffer(struct surface *surface)
{
	for (unsigned i = 0; i < BUFFERS_PER_SURFACE; i++) {
		struct buffer *buffer = &surface->buffers[(surface->count + i) % BUFFERS_PER_SURFACE];
		if (!buffer->busy)
			return buffer;
	}
	return NULL;
}

static void add_damage(struct surface *surface, int width, int height)
{
	const struct damage *damage = &surface->damage;
	switch (damage->kind) {
	case DAMAGE_FULL:
		wl_surface_damage_buffer(surface->resource, 0, 0, width, height);
		break;
	case DAMAGE_RECT: {
		int x = (int)(surface->count * 16u % (uint64_t)(width - damage->width + 1));
		int y = (int)(surface->count * 8u % (uint64_t)(height - damage->height + 1));
		wl_surface_damage_buffer(surface->resource, x, y, damage->width, damage->height);
		break;
	}
	case DAMAGE_ROWS:
		/* Lines of text differ in length, so their rectangles do not merge into one. */
		for (int y = 0, line = 0; y + damage->height <= height; y += damage->height, line++) {
			int length = width * (4 + (line * 7 + (int)surface->count) % 6) / 10;
			wl_surface_damage_buffer(surface->resource, 0, y, length, damage->height);
		}
		break;
	}
}

void surface_submit(struct surface *surface, bool ask_frame)
{
	int width = surface->width, height = surface->height;
	struct buffer *buffer = surface->mode == MODE_UNSEALABLE ? unsealable_buffer(surface)
				: surface->mode == MODE_RESIZE	 ? growing_buffer(surface, &width, &height)
								 : free_buffer(surface);
	if (!buffer) {
		surface->starved = true;
		if (tally.running)
			tally.starved++;
		return;
	}
	buffer->busy = true;
	wl_surface_attach(surface->resource, buffer->resource, 0, 0);
	add_damage(surface, width, height);
	if (ask_frame) {
		surface->frame = wl_surface_frame(surface->resource);
		wl_callback_add_listener(surface->frame, &frame_listener, surface);
	}
	wl_surface_commit(surface->resource);
	surface->committed_ns = now_ns();
	surface->count++;
	if (tally.running)
		tally.commits++;
}

static void on_frame(void *data, struct wl_callback *callback, uint32_t time)
{
	struct surface *surface = data;
	(void)time;

	wl_callback_destroy(callback);
	surface->frame = NULL;
	if (tally.running) {
		tally.callbacks++;
		uint64_t now = now_ns();
		sample(&tally.latencies, now - surface->committed_ns);
		if (surface == tally.lead) {
			tally.frames++;
			sample(&tally.intervals, now - tally.framed_ns);
			tally.framed_ns = now;
		}
	}
	if (surface->animated)
		surface_submit(surface, true);
}

static const struct wl_callback_listener frame_listener = {.done = on_frame};

void surface_stop(struct surface *surface)
{
	surface->animated = false;
	surface->starved = false;
}
