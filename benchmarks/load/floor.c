/*
 * The least that a compositor can do for a paced frame: sleep until it is due,
 * read what its client has sent, answer. The client is a process of its own.
 * benchmarks/floor.py does the same in Python.
 *
 * usage: floor FRAMES PERIOD_NS    prints CPU ns per frame (/proc/self/schedstat)
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

enum { COMMIT_BYTES = 64, ANSWER_BYTES = 32 };

static uint64_t cpu_ns(void)
{
	unsigned long long spent = 0;
	FILE *file = fopen("/proc/self/schedstat", "r");
	if (!file || fscanf(file, "%llu", &spent) != 1)
		fail("cannot read /proc/self/schedstat");
	fclose(file);
	return spent;
}

static void be_client(int sock)
{
	char message[COMMIT_BYTES] = {0}, answer[4096];
	while (write(sock, message, sizeof message) > 0 && read(sock, answer, sizeof answer) > 0)
		;
	_exit(0);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		fail("usage: floor FRAMES PERIOD_NS");
	unsigned long frames = strtoul(argv[1], NULL, 10);
	uint64_t period = strtoull(argv[2], NULL, 10);
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		fail("socketpair failed");
	if (!fork()) {
		close(ends[0]);
		be_client(ends[1]);
	}
	close(ends[1]);
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = 0};
	epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
	static char buffer[65536];
	uint64_t due = now_ns() + period, before = cpu_ns();
	for (unsigned long i = 0; i < frames; i++, due += period) {
		uint64_t now = now_ns();
		if (now < due)
			epoll_wait(epoll, &event, 1, (int)((due - now + 999999) / 1000000));
		if (recv(ends[0], buffer, sizeof buffer, 0) <= 0 || send(ends[0], buffer, ANSWER_BYTES, 0) < 0)
			fail("the client is gone");
	}
	printf("%llu\n", (unsigned long long)((cpu_ns() - before) / frames));
	return 0;
}
