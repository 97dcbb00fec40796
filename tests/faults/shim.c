/*
 * Fault injection: a library that is loaded in front of libc (LD_PRELOAD) and has the calls of one process
 * fail, as told through memory that the test shares with it. Everybody else's calls, the programs that the
 * process starts among them, go through untouched.
 *
 * shim.py compiles it, knows the order of the names below by asking `fault_names`, and lays `struct control`
 * out in the same way. Only libc's functions are seen: what libc does within itself (malloc's own mmap) is
 * not, so allocations of LARGE bytes or more are a call of their own.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LARGE (256 << 10)

#define CALLS(X)                                                                                             \
    X(accept4) X(access) X(addseals) X(bind) X(close) X(dup) X(epoll_create) X(epoll_add) X(epoll_wait)      \
    X(fcntl) X(flock) X(fork) X(fstat) X(fstatfs) X(ftruncate) X(getcwd) X(getpeername) X(getrandom)         \
    X(getrlimit) X(getseals) X(getsockname) X(getsockopt) X(ioctl) X(kill) X(listen) X(lseek) X(malloc)      \
    X(memfd_create) X(mmap) X(open) X(opendir) X(pidfd_open) X(pipe) X(poll) X(posix_fallocate) X(pread)     \
    X(preadv) X(pwrite) X(read) X(readdir) X(readlink) X(recv) X(recvmsg) X(send) X(sendmsg) X(setrlimit)    \
    X(shutdown) X(socket) X(socketpair) X(spawn) X(stat) X(unlink) X(waitpid) X(write)

#define ENTER(name) CALL_##name,
enum call { CALLS(ENTER) CALL_COUNT };
#define NAME(name) #name " "
const char fault_names[] = CALLS(NAME);

struct control {
    volatile int pid;   /* whose calls are meant */
    volatile int call;  /* which one fails; -1: none */
    volatile int error; /* with what */
    volatile int skip;  /* how many go well before */
    volatile int count; /* how many fail */
    volatile int hits;  /* how many have failed */
    volatile int spare; /* a socket on which none does */
    volatile int jump;  /* seconds by which its clocks have jumped */
    volatile int calls[CALL_COUNT];
};

static struct control *control;

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("WEDDELL_TEST_FAULTS");
    if (path == NULL)
        return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *memory = (void *)syscall(SYS_mmap, NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (memory != MAP_FAILED)
        control = memory;
}

/* Whether this call is to fail; errno says with what. */
static int fails(enum call call)
{
    if (control == NULL || control->pid == 0)
        return 0;
    /* 1 stands for whoever was started with the library first: the test does not know its number yet. */
    if (control->pid != (int)syscall(SYS_getpid) && control->pid != 1)
        return 0;
    control->calls[call]++;
    if (control->call != (int)call || control->count <= 0)
        return 0;
    if (control->skip > 0) {
        control->skip--;
        return 0;
    }
    control->count--;
    control->hits++;
    errno = control->error;
    return 1;
}

#define WRAP(call, result, name, parameters, arguments)                                                      \
    WRAPPED(call, 1, -1, result, name, parameters, arguments)
#define WRAP_SOCKET(call, result, name, parameters, arguments)                                               \
    WRAPPED(call, control == NULL || fd != control->spare, -1, result, name, parameters, arguments)
#define WRAP_POINTER(call, result, name, parameters, arguments)                                              \
    WRAPPED(call, 1, NULL, result, name, parameters, arguments)
#define WRAPPED(call, meant, failure, result, name, parameters, arguments)                                   \
    result name parameters                                                                                   \
    {                                                                                                        \
        static result(*real) parameters;                                                                     \
        if ((meant) && fails(CALL_##call))                                                                   \
            return (result)(failure);                                                                        \
        if (real == NULL)                                                                                    \
            real = (result(*) parameters)next(#name);                                                        \
        return real arguments;                                                                               \
    }

WRAP(accept4, int, accept4, (int fd, struct sockaddr *a, socklen_t *n, int flags), (fd, a, n, flags))
WRAP(access, int, access, (const char *path, int mode), (path, mode))
WRAP(bind, int, bind, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n))
WRAP(epoll_create, int, epoll_create1, (int flags), (flags))
WRAP(epoll_wait, int, epoll_wait, (int fd, struct epoll_event *e, int n, int ms), (fd, e, n, ms))
WRAP(flock, int, flock, (int fd, int how), (fd, how))
WRAP(fork, pid_t, fork, (void), ())
WRAP(fstat, int, fstat64, (int fd, struct stat64 *s), (fd, s))
WRAP(fstat, int, fstat, (int fd, struct stat *s), (fd, s))
WRAP(fstatfs, int, fstatfs, (int fd, struct statfs *s), (fd, s))
WRAP(ftruncate, int, ftruncate64, (int fd, off64_t n), (fd, n))
WRAP_POINTER(getcwd, char *, getcwd, (char *b, size_t n), (b, n))
WRAP(getpeername, int, getpeername, (int fd, struct sockaddr *a, socklen_t *n), (fd, a, n))
WRAP(getrandom, ssize_t, getrandom, (void *b, size_t n, unsigned flags), (b, n, flags))
WRAP(getrlimit, int, getrlimit, (__rlimit_resource_t what, struct rlimit *l), (what, l))
WRAP(getrlimit, int, getrlimit64, (__rlimit_resource_t what, struct rlimit64 *l), (what, l))
WRAP(getsockname, int, getsockname, (int fd, struct sockaddr *a, socklen_t *n), (fd, a, n))
WRAP(getsockopt, int, getsockopt, (int fd, int l, int o, void *v, socklen_t *n), (fd, l, o, v, n))
WRAP(kill, int, kill, (pid_t pid, int number), (pid, number))
WRAP(kill, int, killpg, (pid_t pid, int number), (pid, number))
WRAP(listen, int, listen, (int fd, int n), (fd, n))
WRAP(lseek, off64_t, lseek64, (int fd, off64_t at, int whence), (fd, at, whence))
WRAP(memfd_create, int, memfd_create, (const char *name, unsigned flags), (name, flags))
WRAP_POINTER(opendir, DIR *, opendir, (const char *path), (path))
WRAP(pipe, int, pipe2, (int ends[2], int flags), (ends, flags))
WRAP(poll, int, poll, (struct pollfd *p, nfds_t n, int ms), (p, n, ms))
WRAP(pread, ssize_t, pread64, (int fd, void *b, size_t n, off64_t at), (fd, b, n, at))
WRAP(preadv, ssize_t, preadv64, (int fd, const struct iovec *v, int n, off64_t at), (fd, v, n, at))
WRAP(preadv, ssize_t, preadv64v2, (int fd, const struct iovec *v, int n, off64_t at, int f), (fd, v, n, at, f))
WRAP(pwrite, ssize_t, pwrite64, (int fd, const void *b, size_t n, off64_t at), (fd, b, n, at))
WRAP(read, ssize_t, read, (int fd, void *b, size_t n), (fd, b, n))
WRAP_POINTER(readdir, struct dirent64 *, readdir64, (DIR *d), (d))
WRAP(readlink, ssize_t, readlink, (const char *path, char *b, size_t n), (path, b, n))
WRAP_SOCKET(recv, ssize_t, recv, (int fd, void *b, size_t n, int flags), (fd, b, n, flags))
WRAP_SOCKET(recvmsg, ssize_t, recvmsg, (int fd, struct msghdr *m, int flags), (fd, m, flags))
WRAP_SOCKET(send, ssize_t, send, (int fd, const void *b, size_t n, int flags), (fd, b, n, flags))
WRAP_SOCKET(sendmsg, ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), (fd, m, flags))
WRAP(setrlimit, int, setrlimit, (__rlimit_resource_t what, const struct rlimit *l), (what, l))
WRAP(setrlimit, int, setrlimit64, (__rlimit_resource_t what, const struct rlimit64 *l), (what, l))
WRAP(shutdown, int, shutdown, (int fd, int how), (fd, how))
WRAP(socket, int, socket, (int d, int t, int p), (d, t, p))
WRAP(socketpair, int, socketpair, (int d, int t, int p, int ends[2]), (d, t, p, ends))
WRAP(stat, int, stat64, (const char *path, struct stat64 *s), (path, s))
WRAP(stat, int, stat, (const char *path, struct stat *s), (path, s))
WRAP(unlink, int, unlink, (const char *path), (path))
WRAP(waitpid, pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options))
WRAP(write, ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n))

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL)
        real = (int (*)(clockid_t, struct timespec *))next("clock_gettime");
    int result = real(clock, now);
    if (control != NULL && control->jump != 0 && control->pid == (int)syscall(SYS_getpid))
        /* Only the time of day goes back; any clock goes forward, where a virtual machine has stood still. */
        now->tv_sec += control->jump > 0 || clock == CLOCK_REALTIME ? control->jump : 0;
    return result;
}

/* A descriptor is gone whatever close(2) says. */
int close(int fd)
{
    static int (*real)(int);
    if (real == NULL)
        real = (int (*)(int))next("close");
    int result = real(fd);
    return fails(CALL_close) ? -1 : result;
}

/* Only adding needs memory. */
int epoll_ctl(int fd, int operation, int which, struct epoll_event *event)
{
    static int (*real)(int, int, int, struct epoll_event *);
    if (operation == EPOLL_CTL_ADD && fails(CALL_epoll_add))
        return -1;
    if (real == NULL)
        real = (int (*)(int, int, int, struct epoll_event *))next("epoll_ctl");
    return real(fd, operation, which, event);
}

/* The child of a real vfork must not return from here; that of a fork may. */
pid_t vfork(void) { return fork(); }

/* These return the error and leave errno alone. */
#define WRAP_ERROR(call, name, parameters, arguments)                                                        \
    int name parameters                                                                                      \
    {                                                                                                        \
        static int (*real) parameters;                                                                       \
        int before = errno;                                                                                  \
        if (fails(CALL_##call)) {                                                                            \
            int error = errno;                                                                               \
            errno = before;                                                                                  \
            return error;                                                                                    \
        }                                                                                                    \
        if (real == NULL)                                                                                    \
            real = (int (*) parameters)next(#name);                                                          \
        return real arguments;                                                                               \
    }
WRAP_ERROR(posix_fallocate, posix_fallocate64, (int fd, off64_t at, off64_t n), (fd, at, n))
WRAP_ERROR(spawn, posix_spawn,
           (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
            const posix_spawnattr_t *attributes, char *const argv[], char *const env[]),
           (pid, path, actions, attributes, argv, env))

#define FCNTL(name)                                                                                          \
    int name(int fd, int command, ...)                                                                       \
    {                                                                                                        \
        static int (*real)(int, int, void *);                                                                \
        va_list list;                                                                                        \
        va_start(list, command);                                                                             \
        void *argument = va_arg(list, void *);                                                               \
        va_end(list);                                                                                        \
        enum call call = command == F_GET_SEALS                            ? CALL_getseals                   \
                         : command == F_ADD_SEALS                          ? CALL_addseals                   \
                         : command == F_DUPFD || command == F_DUPFD_CLOEXEC ? CALL_dup                       \
                                                                           : CALL_fcntl;                     \
        if (fails(call))                                                                                     \
            return -1;                                                                                       \
        if (real == NULL)                                                                                    \
            real = (int (*)(int, int, void *))next(#name);                                                   \
        return real(fd, command, argument);                                                                  \
    }
FCNTL(fcntl)
FCNTL(fcntl64)

int ioctl(int fd, unsigned long request, ...)
{
    static int (*real)(int, unsigned long, void *);
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    if (fails(CALL_ioctl))
        return -1;
    if (real == NULL)
        real = (int (*)(int, unsigned long, void *))next("ioctl");
    return real(fd, request, argument);
}

#define OPEN(name)                                                                                           \
    int name(const char *path, int flags, ...)                                                               \
    {                                                                                                        \
        static int (*real)(const char *, int, mode_t);                                                       \
        va_list list;                                                                                        \
        va_start(list, flags);                                                                               \
        mode_t mode = va_arg(list, mode_t);                                                                  \
        va_end(list);                                                                                        \
        if (fails(CALL_open))                                                                                \
            return -1;                                                                                       \
        if (real == NULL)                                                                                    \
            real = (int (*)(const char *, int, mode_t))next(#name);                                          \
        return real(path, flags, mode);                                                                      \
    }
OPEN(open)
OPEN(open64)

/* Of files; anonymous memory is malloc's affair. */
#define MMAP(name)                                                                                           \
    void *name(void *where, size_t n, int prot, int flags, int fd, off_t at)                                 \
    {                                                                                                        \
        static void *(*real)(void *, size_t, int, int, int, off_t);                                          \
        if (fd >= 0 && fails(CALL_mmap))                                                                     \
            return MAP_FAILED;                                                                               \
        if (real == NULL)                                                                                    \
            real = (void *(*)(void *, size_t, int, int, int, off_t))next(#name);                             \
        return real(where, n, prot, flags, fd, at);                                                          \
    }
MMAP(mmap)
MMAP(mmap64)

long syscall(long number, ...)
{
    static long (*real)(long, ...);
    long a[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(list, long);
    va_end(list);
    if (real == NULL)
        real = (long (*)(long, ...))next("syscall");
    if (number == SYS_pidfd_open && fails(CALL_pidfd_open))
        return -1;
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

void *malloc(size_t n) { return n >= LARGE && fails(CALL_malloc) ? NULL : __libc_malloc(n); }

void *calloc(size_t count, size_t n)
{
    return count && n >= LARGE / count && fails(CALL_malloc) ? NULL : __libc_calloc(count, n);
}

void *realloc(void *memory, size_t n) { return n >= LARGE && fails(CALL_malloc) ? NULL : __libc_realloc(memory, n); }
