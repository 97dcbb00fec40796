/* Clock, failure, tally, shared memory and painting for the load client. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

struct tally tally;

uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void fail(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("load: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(1);
}

void *need(void *pointer, const char *what)
{
	if (!pointer)
		fail("the compositor offers no %s", what);
	return pointer;
}

void sample(struct samples *samples, uint64_t ns)
{
	if (samples->count == samples->room) {
		samples->room = samples->room ? 2 * samples->room : 65536;
		samples->us = realloc(samples->us, samples->room * sizeof(uint32_t));
		if (!samples->us)
			fail("out of memory");
	}
	samples->us[samples->count++] = (uint32_t)(ns / 1000);
}

static int compare_u32(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return (left > right) - (left < right);
}

uint32_t percentile(struct samples *samples, double fraction)
{
	if (samples->count == 0)
		return 0;
	qsort(samples->us, samples->count, sizeof(uint32_t), compare_u32);
	return samples->us[(size_t)(fraction * (double)(samples->count - 1))];
}

/* Refreshes that passed without a frame. They are counted by the compositor's own: one that waits whole
 * milliseconds comes every 16, and would be a frame a second ahead of any clock of 60 Hz. */
uint64_t missed_frames(void)
{
	uint32_t usual = percentile(&tally.intervals, 0.5);
	uint32_t period = usual < REFRESH_US && usual >= REFRESH_US - HASTE_US ? usual : REFRESH_US;
	uint64_t missed = 0;
	for (size_t i = 0; i < tally.intervals.count; i++) {
		uint32_t periods = (tally.intervals.us[i] + period / 2) / period;
		if (periods > 1)
			missed += periods - 1;
	}
	return missed;
}

static void pool_map(struct pool *pool, size_t size)
{
	if (pool->data)
		munmap(pool->data, pool->size);
	pool->data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, pool->fd, 0);
	if (pool->data == MAP_FAILED)
		fail("mmap of %zu bytes: %s", size, strerror(errno));
	pool->size = size;
}

void pool_open(struct pool *pool, struct wl_shm *shm, size_t size, bool sealed)
{
	*pool = (struct pool){0};
	pool->fd = memfd_create("load", MFD_CLOEXEC | (sealed ? MFD_ALLOW_SEALING : 0));
	if (pool->fd < 0 || ftruncate(pool->fd, (off_t)size) < 0)
		fail("memfd of %zu bytes: %s", size, strerror(errno));
	if (sealed && fcntl(pool->fd, F_ADD_SEALS, F_SEAL_SHRINK) < 0)
		fail("F_ADD_SEALS: %s", strerror(errno));
	pool->size = size;
	if (sealed)
		pool_map(pool, size);
	pool->resource = wl_shm_create_pool(shm, pool->fd, (int32_t)size);
}

size_t pool_take(struct pool *pool, size_t size)
{
	size_t offset = pool->used;
	pool->used += size;
	if (pool->used > pool->size)
		fail("the pool of %zu bytes is too small", pool->size);
	return offset;
}

void pool_grow(struct pool *pool, size_t size)
{
	if (size <= pool->size)
		return;
	if (ftruncate(pool->fd, (off_t)size) < 0)
		fail("ftruncate to %zu bytes: %s", size, strerror(errno));
	pool_map(pool, size);
	wl_shm_pool_resize(pool->resource, (int32_t)size);
}

void pool_close(struct pool *pool)
{
	if (pool->resource)
		wl_shm_pool_destroy(pool->resource);
	if (pool->data)
		munmap(pool->data, pool->size);
	if (pool->fd >= 0)
		close(pool->fd);
	*pool = (struct pool){.fd = -1};
}

/* Half-transparent premultiplied pixels, or opaque ones. No pixel is fully
 * transparent or fully opaque in the first case: blenders have shortcuts for both. */
void paint(uint8_t *pixels, int width, int height, bool alpha, unsigned phase)
{
	uint32_t *row = (uint32_t *)pixels;
	for (int y = 0; y < height; y++, row += width) {
		for (int x = 0; x < width; x++) {
			uint32_t red = (uint32_t)(x + 40 * (int)phase) & 0x7f;
			uint32_t green = (uint32_t)(y + 20 * (int)phase) & 0x7f;
			uint32_t blue = (uint32_t)((x ^ y) & 0x3f);
			row[x] = (alpha ? 0x80000000u : 0xff000000u) | red << 16 | green << 8 | blue;
		}
	}
}
