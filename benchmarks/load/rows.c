/*
 * What it costs to copy a picture that another process has just drawn, a while
 * after we slept: with memcpy, and past the caches, one row at a time or several
 * side by side. The copies are those of compositor/render/kernels.h.
 *
 * usage: rows RUNS    prints JSON: median µs by the number of rows, "0" for memcpy
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels.h"
#include "load.h"

enum { WIDTH = 1920, HEIGHT = 1080, STRIDE = 4 * WIDTH, BYTES = STRIDE * HEIGHT, PICTURES = 3, SLEEP_US = 9000 };

static const int TOGETHER[] = {0, 1, 2, 4, 8};
enum { WAYS = sizeof TOGETHER / sizeof *TOGETHER };

static char *picture(void)
{
	int fd = memfd_create("rows", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, BYTES) < 0)
		fail("memfd");
	char *data = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED)
		fail("mmap");
	memset(data, 0, BYTES);
	close(fd);
	return data;
}

static void draw(int sock, char *const *pictures)
{
	char byte;
	for (int number = 0; read(sock, &byte, 1) == 1; number++) {
		memset(pictures[number % PICTURES], number, BYTES);
		if (write(sock, &byte, 1) != 1)
			break;
	}
	_exit(0);
}

static void copy(char *dst, const char *src, int together)
{
	if (together == 0) {
		memcpy(dst, src, BYTES);
		return;
	}
#if defined(__SSE2__)
	for (long y = 0; y < HEIGHT; y += together)
		stream_together(dst + y * STRIDE, STRIDE, src + y * STRIDE, STRIDE, WIDTH, together);
	_mm_sfence();
#else
	copy_rows(dst, STRIDE, src, STRIDE, WIDTH, HEIGHT);
#endif
}

int main(int argc, char **argv)
{
	if (argc != 2)
		fail("usage: rows RUNS");
	int runs = atoi(argv[1]), socks[2], number = 0;
	struct samples took[WAYS] = {0};
	char *pictures[PICTURES], *target = picture(), byte = 0;
	for (int i = 0; i < PICTURES; i++)
		pictures[i] = picture();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, socks) < 0)
		fail("socketpair");
	pid_t client = fork();
	if (client == 0) {
		close(socks[0]);
		draw(socks[1], pictures);
	}
	close(socks[1]);
	for (int run = 0; run < runs; run++) {
		for (int way = 0; way < WAYS; way++, number++) {
			if (write(socks[0], &byte, 1) != 1 || read(socks[0], &byte, 1) != 1)
				fail("the drawing process ended");
			usleep(SLEEP_US);
			uint64_t before = now_ns();
			copy(target, pictures[number % PICTURES], TOGETHER[way]);
			sample(&took[way], now_ns() - before);
		}
	}
	close(socks[0]);
	waitpid(client, NULL, 0);
	printf("{");
	for (int way = 0; way < WAYS; way++)
		printf("%s\"%d\": %u", way ? ", " : "", TOGETHER[way], percentile(&took[way], 0.5));
	printf("}\n");
	return 0;
}
