/*
 * A screen reader: captures the first output again and again, at most sixty times
 * a second, through wlr-screencopy, until standard input is closed. Then it prints
 * how many captures it got. Stands for recorders and remote desktops in the loads.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

#define INTERVAL_NS 16666667u

struct reader {
	struct connection connection;
	struct wl_proxy *frame;
	struct pool pool;
	struct wl_buffer *buffer;
	uint64_t asked_ns, captures;
};

static void on_buffer(void *data, struct wl_proxy *frame, uint32_t format, uint32_t width, uint32_t height,
		      uint32_t stride)
{
	struct reader *reader = data;
	if (!reader->buffer) {
		pool_open(&reader->pool, reader->connection.shm, (size_t)stride * height, true);
		reader->buffer = wl_shm_pool_create_buffer(reader->pool.resource, 0, (int32_t)width,
							   (int32_t)height, (int32_t)stride, format);
	}
	wl_proxy_marshal_flags(frame, 0, NULL, 1, 0, reader->buffer);
}

static void on_flags(void *data, struct wl_proxy *frame, uint32_t flags)
{
	(void)data, (void)frame, (void)flags;
}

static void end_capture(struct reader *reader)
{
	wl_proxy_marshal_flags(reader->frame, 1, NULL, 1, WL_MARSHAL_FLAG_DESTROY);
	reader->frame = NULL;
}

static void on_ready(void *data, struct wl_proxy *frame, uint32_t high, uint32_t low, uint32_t ns)
{
	struct reader *reader = data;
	(void)frame, (void)high, (void)low, (void)ns;
	reader->captures++;
	end_capture(reader);
}

static void on_failed(void *data, struct wl_proxy *frame)
{
	(void)frame;
	end_capture(data);
}

static void (*const frame_listener[])(void) = {
	(void (*)(void))on_buffer, (void (*)(void))on_flags, (void (*)(void))on_ready,
	(void (*)(void))on_failed,
};

static void capture(struct reader *reader)
{
	reader->asked_ns = now_ns();
	reader->frame = wl_proxy_marshal_flags(
		need(reader->connection.screencopy_manager, "zwlr_screencopy_manager_v1"), 0,
		&screencopy_frame_interface, 1, 0, NULL, 0, need(reader->connection.outputs[0], "wl_output"));
	wl_proxy_add_listener(reader->frame, (void (**)(void))frame_listener, reader);
}

int main(void)
{
	struct reader reader = {0};
	connection_open(&reader.connection);
	need(reader.connection.screencopy_manager, "zwlr_screencopy_manager_v1");
	uint64_t started = now_ns();
	puts("{\"event\": \"ready\"}");
	fflush(stdout);

	for (;;) {
		int timeout = -1;
		if (!reader.frame) {
			uint64_t passed = now_ns() - reader.asked_ns;
			if (passed >= INTERVAL_NS)
				capture(&reader);
			else
				timeout = (int)((INTERVAL_NS - passed) / 1000000u) + 1;
		}
		if (wl_display_flush(reader.connection.display) < 0 && errno != EAGAIN)
			fail("the compositor closed the connection: %s", strerror(errno));
		struct pollfd fds[2] = {
			{.fd = wl_display_get_fd(reader.connection.display), .events = POLLIN},
			{.fd = STDIN_FILENO, .events = POLLIN},
		};
		if (poll(fds, 2, timeout) < 0 && errno != EINTR)
			fail("poll: %s", strerror(errno));
		if (fds[0].revents && wl_display_dispatch(reader.connection.display) < 0)
			fail("the compositor closed the connection: %s", strerror(errno));
		if (fds[1].revents)
			break;
	}
	printf("{\"event\": \"stop\", \"captures\": %llu, \"seconds\": %.4f}\n",
	       (unsigned long long)reader.captures, (double)(now_ns() - started) / 1e9);
	connection_close(&reader.connection);
	return 0;
}
