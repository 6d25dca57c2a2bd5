/* Makes writes below a folder fail with ENOSPC while a mark file exists.
 *
 * Loaded with LD_PRELOAD: a real full file system needs a mount, which tests may not make. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int full(int fd)
{
    const char *folder = getenv("FULL_DISK_BELOW"), *mark = getenv("FULL_DISK_WHILE");
    char link[64], path[4096];
    int saved = errno;
    ssize_t length = -1;

    if (folder && mark && access(mark, F_OK) == 0) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        length = readlink(link, path, sizeof path - 1);
    }
    errno = saved;
    if (length < 0)
        return 0;
    path[length] = 0;
    return strncmp(path, folder, strlen(folder)) == 0;
}

#define UNLESS_FULL(fd, type, name, ...)            \
    static type real;                               \
    if (full(fd)) {                                 \
        errno = ENOSPC;                             \
        return -1;                                  \
    }                                               \
    if (!real)                                      \
        real = (type)dlsym(RTLD_NEXT, name);        \
    return real(__VA_ARGS__)

typedef ssize_t (*plain)(int, const void *, size_t);
typedef ssize_t (*placed)(int, const void *, size_t, off_t);

ssize_t write(int fd, const void *bytes, size_t count)
{
    UNLESS_FULL(fd, plain, "write", fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    UNLESS_FULL(fd, placed, "pwrite", fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at)
{
    UNLESS_FULL(fd, placed, "pwrite64", fd, bytes, count, at);
}
