/*
 * The load client: shows the windows its arguments describe, animates them upon
 * each surface's own frame callback, and says on standard output when the
 * measurement starts ({"event": "start"}) and what was seen ({"event": "stop", ...}).
 * Then it keeps its windows, still, until standard input is closed, so that the
 * caller can look at the compositor before anything is torn down.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "load.h"

struct options {
	int width, height, children, child_width, child_height, outputs, idle_clients;
	bool windowed, root_still, child_alpha, child_still, child_below, spread;
	struct damage root_damage, child_damage;
	enum mode mode;
	double warmup, seconds;
};

struct idle_client {
	struct connection connection;
	struct surface surface;
	struct pool pool;
};

struct scene {
	struct options options;
	struct connection connection;
	struct pool pool;
	struct surface *roots, *children;
	struct idle_client *idle;
	int next_idle;
	struct wl_proxy *virtual_pointer;
	struct wl_pointer *pointer;
	uint64_t motion_ns, motions;
	int epoll;
};

/* Arguments. */

static void parse_size(const char *text, int *width, int *height)
{
	if (sscanf(text, "%dx%d", width, height) != 2 || *width < 1 || *height < 1)
		fail("not a size: %s", text);
}

static struct damage parse_damage(const char *text)
{
	struct damage damage = {.kind = DAMAGE_FULL};
	if (sscanf(text, "rows:%d", &damage.height) == 1 && damage.height > 0) {
		damage.kind = DAMAGE_ROWS;
	} else if (strcmp(text, "full") != 0) {
		damage.kind = DAMAGE_RECT;
		parse_size(text, &damage.width, &damage.height);
	}
	return damage;
}

static enum mode parse_mode(const char *text)
{
	static const char *const names[] = {"steady", "resize", "unsealable", "pointer"};
	for (unsigned i = 0; i < 4; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum mode)i;
	fail("not a mode: %s", text);
}

static struct options parse(int argc, char **argv)
{
	static const struct option table[] = {
		{"size", required_argument, NULL, 's'},	       {"windowed", no_argument, NULL, 'w'},
		{"root-still", no_argument, NULL, 'r'},	       {"root-damage", required_argument, NULL, 'd'},
		{"children", required_argument, NULL, 'n'},    {"child", required_argument, NULL, 'c'},
		{"child-alpha", no_argument, NULL, 'a'},       {"child-still", no_argument, NULL, 't'},
		{"child-below", no_argument, NULL, 'b'},       {"child-damage", required_argument, NULL, 'g'},
		{"mode", required_argument, NULL, 'm'},	       {"outputs", required_argument, NULL, 'o'},
		{"idle-clients", required_argument, NULL, 'i'}, {"warmup", required_argument, NULL, 'u'},
		{"seconds", required_argument, NULL, 'e'},     {"spread", no_argument, NULL, 'p'},
		{0},
	};
	struct options options = {
		.width = 1920, .height = 1080, .child_width = 64, .child_height = 64,
		.outputs = 1,  .warmup = 1,    .seconds = 3,
	};
	int option;

	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (option) {
		case 's': parse_size(optarg, &options.width, &options.height); break;
		case 'w': options.windowed = true; break;
		case 'r': options.root_still = true; break;
		case 'd': options.root_damage = parse_damage(optarg); break;
		case 'n': options.children = atoi(optarg); break;
		case 'c': parse_size(optarg, &options.child_width, &options.child_height); break;
		case 'a': options.child_alpha = true; break;
		case 't': options.child_still = true; break;
		case 'b': options.child_below = true; break;
		case 'g': options.child_damage = parse_damage(optarg); break;
		case 'p': options.spread = true; break;
		case 'm': options.mode = parse_mode(optarg); break;
		case 'o': options.outputs = atoi(optarg); break;
		case 'i': options.idle_clients = atoi(optarg); break;
		case 'u': options.warmup = atof(optarg); break;
		case 'e': options.seconds = atof(optarg); break;
		default: exit(2);
		}
	}
	return options;
}

/* Building the scene. */

static void wait_configured(struct connection *connection, const struct surface *surface)
{
	while (!surface->configured)
		if (wl_display_dispatch(connection->display) < 0)
			fail("the compositor closed the connection: %s", strerror(errno));
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* A grid as close to the parent's shape as may be, in its middle: cells touch
 * each other unless `spread`, when they divide the whole parent. */
static void place_child(const struct options *options, int index, int *x, int *y)
{
	double shape = (double)options->width * options->child_height /
		       ((double)options->height * options->child_width);
	int columns = (int)lround(sqrt(options->children * shape));
	columns = columns < 1 ? 1 : least(columns, options->children);
	int rows = (options->children + columns - 1) / columns;
	int cell_width = options->width / columns, cell_height = options->height / rows;
	if (!options->spread) {
		cell_width = least(cell_width, options->child_width);
		cell_height = least(cell_height, options->child_height);
	}
	*x = (options->width - columns * cell_width + cell_width - options->child_width) / 2;
	*y = (options->height - rows * cell_height + cell_height - options->child_height) / 2;
	*x += index % columns * cell_width;
	*y += index / columns * cell_height;
}

static void build_idle_clients(struct scene *scene)
{
	scene->idle = calloc((size_t)scene->options.idle_clients + 1, sizeof(*scene->idle));
	for (int i = 0; i < scene->options.idle_clients; i++) {
		struct idle_client *idle = &scene->idle[i];
		connection_open(&idle->connection);
		idle->surface = (struct surface){
			.width = 64, .height = 64, .damage = {DAMAGE_RECT, 8, 16},
		};
		surface_open(&idle->surface, &idle->connection);
		surface_make_toplevel(&idle->surface, "idle", false, NULL);
		wait_configured(&idle->connection, &idle->surface);
		pool_open(&idle->pool, idle->connection.shm, surface_pool_bytes(&idle->surface), true);
		surface_make_buffers(&idle->surface, &idle->pool);
		surface_submit(&idle->surface, false);
		wl_display_roundtrip(idle->connection.display);
	}
}

/* libwayland gives up when the socket is full, and a compositor that is busy drawing its first frame does not
   read for a while. */
static void let_it_read(struct connection *connection, int made)
{
	if (made % 64 == 63 && wl_display_roundtrip(connection->display) < 0)
		fail("the compositor closed the connection");
}

static void build_windows(struct scene *scene)
{
	const struct options *options = &scene->options;
	struct connection *connection = &scene->connection;
	size_t bytes = 0;

	scene->roots = calloc((size_t)options->outputs, sizeof(struct surface));
	scene->children = calloc((size_t)options->children + 1, sizeof(struct surface));
	if (options->outputs > connection->output_count)
		fail("%d outputs wanted, the compositor has %d", options->outputs, connection->output_count);

	for (int i = 0; i < options->outputs; i++) {
		struct surface *root = &scene->roots[i];
		*root = (struct surface){
			.width = options->width, .height = options->height, .damage = options->root_damage,
			.mode = options->mode, .animated = !options->root_still,
		};
		bytes += surface_pool_bytes(root);
		surface_open(root, connection);
		surface_make_toplevel(root, "load", !options->windowed,
				      options->outputs > 1 ? connection->outputs[i] : NULL);
		wait_configured(connection, root);
	}
	for (int i = 0; i < options->children; i++) {
		struct surface *child = &scene->children[i];
		int x, y;
		*child = (struct surface){
			.width = options->child_width, .height = options->child_height,
			.alpha = options->child_alpha, .damage = options->child_damage,
			.animated = !options->child_still,
		};
		bytes += surface_pool_bytes(child);
		place_child(options, i, &x, &y);
		surface_open(child, connection);
		surface_make_child(child, &scene->roots[0], x, y, options->child_below);
		let_it_read(connection, i);
	}
	pool_open(&scene->pool, connection->shm, bytes, true);
	for (int i = 0; i < options->outputs; i++)
		surface_make_buffers(&scene->roots[i], &scene->pool);
	for (int i = 0; i < options->children; i++) {
		surface_make_buffers(&scene->children[i], &scene->pool);
		let_it_read(connection, i);
	}
	for (int i = 0; i < options->children; i++)
		surface_submit(&scene->children[i], scene->children[i].animated);
	for (int i = 0; i < options->outputs; i++)
		surface_submit(&scene->roots[i], scene->roots[i].animated);
	if (!options->root_still)
		tally.lead = &scene->roots[0];
	else if (options->children && !options->child_still)
		tally.lead = &scene->children[0];
}

/* The pointer. */

static void on_enter(void *data, struct wl_pointer *pointer, uint32_t serial, struct wl_surface *surface,
		     wl_fixed_t x, wl_fixed_t y)
{
	(void)data, (void)surface, (void)x, (void)y;
	wl_pointer_set_cursor(pointer, serial, NULL, 0, 0); /* the path of input is measured, not the cursor */
}

static void on_leave(void *data, struct wl_pointer *pointer, uint32_t serial, struct wl_surface *surface)
{
	(void)data, (void)pointer, (void)serial, (void)surface;
}

static void on_motion(void *data, struct wl_pointer *pointer, uint32_t time, wl_fixed_t x, wl_fixed_t y)
{
	struct scene *scene = data;
	(void)pointer, (void)time, (void)x, (void)y;
	if (tally.running) {
		tally.motions_seen++;
		sample(&tally.latencies, now_ns() - scene->motion_ns);
	}
}

static void on_button(void *data, struct wl_pointer *pointer, uint32_t serial, uint32_t time,
		      uint32_t button, uint32_t state)
{
	(void)data, (void)pointer, (void)serial, (void)time, (void)button, (void)state;
}

static void on_axis(void *data, struct wl_pointer *pointer, uint32_t time, uint32_t axis, wl_fixed_t value)
{
	(void)data, (void)pointer, (void)time, (void)axis, (void)value;
}

static void on_pointer_frame(void *data, struct wl_pointer *pointer)
{
	(void)data, (void)pointer;
}

static void on_axis_source(void *data, struct wl_pointer *pointer, uint32_t source)
{
	(void)data, (void)pointer, (void)source;
}

static void on_axis_stop(void *data, struct wl_pointer *pointer, uint32_t time, uint32_t axis)
{
	(void)data, (void)pointer, (void)time, (void)axis;
}

static void on_axis_discrete(void *data, struct wl_pointer *pointer, uint32_t axis, int32_t discrete)
{
	(void)data, (void)pointer, (void)axis, (void)discrete;
}

static const struct wl_pointer_listener pointer_listener = {
	.enter = on_enter, .leave = on_leave, .motion = on_motion, .button = on_button, .axis = on_axis,
	.frame = on_pointer_frame, .axis_source = on_axis_source, .axis_stop = on_axis_stop,
	.axis_discrete = on_axis_discrete,
};

static void start_pointer(struct scene *scene)
{
	struct connection *connection = &scene->connection;
	scene->virtual_pointer = virtual_pointer_create(
		need(connection->virtual_pointer_manager, "zwlr_virtual_pointer_manager_v1"),
		need(connection->seat, "wl_seat"));
	/* A seat without a device announces no pointer; asking before it does is an error. */
	if (wl_display_roundtrip(connection->display) < 0 || wl_display_roundtrip(connection->display) < 0)
		fail("the compositor closed the connection");
	scene->pointer = wl_seat_get_pointer(connection->seat);
	wl_pointer_add_listener(scene->pointer, &pointer_listener, scene);
}

static void move_pointer(struct scene *scene)
{
	uint64_t step = scene->motions++;
	scene->motion_ns = now_ns();
	virtual_pointer_move_to(scene->virtual_pointer, (uint32_t)(scene->motion_ns / 1000000u),
				100 + (uint32_t)(step * 3 % 1000), 100 + (uint32_t)(step % 700),
				(uint32_t)scene->options.width, (uint32_t)scene->options.height);
	if (tally.running)
		tally.motions_sent++;
}

/* The loop. */

enum { TAG_PHASE = 1, TAG_MOTION, TAG_IDLE };

static void watch(struct scene *scene, int fd, void *tag)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = tag};
	if (epoll_ctl(scene->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		fail("epoll_ctl: %s", strerror(errno));
}

static int start_timer(struct scene *scene, double first, double interval, uintptr_t tag)
{
	struct itimerspec times = {
		.it_value = {(time_t)first, (long)((first - (double)(time_t)first) * 1e9)},
		.it_interval = {(time_t)interval, (long)((interval - (double)(time_t)interval) * 1e9)},
	};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (fd < 0 || timerfd_settime(fd, 0, &times, NULL) < 0)
		fail("timerfd: %s", strerror(errno));
	watch(scene, fd, (void *)tag);
	return fd;
}

static void flush(struct connection *connection)
{
	if (wl_display_flush(connection->display) < 0 && errno != EAGAIN)
		fail("the compositor closed the connection: %s", strerror(errno));
}

static void run_until(struct scene *scene, double seconds, int motion_timer, int idle_timer)
{
	int phase = start_timer(scene, seconds, 0, TAG_PHASE);
	struct epoll_event events[64];
	uint64_t expirations;

	for (bool over = false; !over;) {
		flush(&scene->connection);
		int count = epoll_wait(scene->epoll, events, 64, -1);
		if (count < 0 && errno != EINTR)
			fail("epoll_wait: %s", strerror(errno));
		for (int i = 0; i < count; i++) {
			switch ((uintptr_t)events[i].data.ptr) {
			case TAG_PHASE:
				over = true;
				break;
			case TAG_MOTION:
				if (read(motion_timer, &expirations, sizeof(expirations)) > 0)
					move_pointer(scene);
				break;
			case TAG_IDLE:
				if (read(idle_timer, &expirations, sizeof(expirations)) > 0) {
					struct idle_client *idle = &scene->idle[scene->next_idle];
					scene->next_idle = (scene->next_idle + 1) % scene->options.idle_clients;
					surface_submit(&idle->surface, false);
					flush(&idle->connection);
				}
				break;
			default: {
				struct connection *connection = events[i].data.ptr;
				if (wl_display_dispatch(connection->display) < 0)
					fail("the compositor closed the connection: %s", strerror(errno));
			}
			}
		}
	}
	close(phase);
}

static void say_stop(const struct scene *scene, double seconds)
{
	bool pointer = scene->options.mode == MODE_POINTER;
	printf("{\"event\": \"stop\", \"seconds\": %.4f, \"frames\": %llu, \"commits\": %llu, "
	       "\"callbacks\": %llu, \"starved\": %llu, \"latency_us\": %u, "
	       "\"latency_p99_us\": %u, \"missed\": %llu, \"fullscreen\": %s, \"motions_seen\": %llu}\n",
	       seconds, (unsigned long long)(pointer ? tally.motions_sent : tally.frames),
	       (unsigned long long)tally.commits, (unsigned long long)tally.callbacks,
	       (unsigned long long)tally.starved, percentile(&tally.latencies, 0.5),
	       percentile(&tally.latencies, 0.99), (unsigned long long)missed_frames(),
	       scene->roots[0].fullscreen ? "true" : "false",
	       (unsigned long long)tally.motions_seen);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct scene scene = {.options = parse(argc, argv), .epoll = epoll_create1(EPOLL_CLOEXEC)};
	int motion_timer = -1, idle_timer = -1;
	char end;

	build_idle_clients(&scene);
	connection_open(&scene.connection);
	build_windows(&scene);
	watch(&scene, wl_display_get_fd(scene.connection.display), &scene.connection);
	for (int i = 0; i < scene.options.idle_clients; i++)
		watch(&scene, wl_display_get_fd(scene.idle[i].connection.display), &scene.idle[i].connection);
	if (scene.options.mode == MODE_POINTER) {
		start_pointer(&scene);
		motion_timer = start_timer(&scene, 0.001, 0.001, TAG_MOTION);
	}
	if (scene.options.idle_clients)
		idle_timer = start_timer(&scene, 0.01, 1.0 / scene.options.idle_clients, TAG_IDLE);

	run_until(&scene, scene.options.warmup, motion_timer, idle_timer);
	puts("{\"event\": \"start\"}");
	fflush(stdout);
	tally.running = true;
	uint64_t started = now_ns();
	tally.framed_ns = started;
	run_until(&scene, scene.options.seconds, motion_timer, idle_timer);
	tally.running = false;
	/* If frames have stopped, all that might have come since are missed. */
	sample(&tally.intervals, now_ns() - tally.framed_ns);
	for (int i = 0; i < scene.options.outputs; i++)
		surface_stop(&scene.roots[i]);
	for (int i = 0; i < scene.options.children; i++)
		surface_stop(&scene.children[i]);
	say_stop(&scene, (double)(now_ns() - started) / 1e9);

	if (read(STDIN_FILENO, &end, 1) < 0)
		return 1;
	connection_close(&scene.connection);
	for (int i = 0; i < scene.options.idle_clients; i++)
		connection_close(&scene.idle[i].connection);
	return 0;
}
