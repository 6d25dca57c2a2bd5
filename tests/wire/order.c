/* Notes the order in which a program writes its journal, syncs it, and sends EC2 actions.
 *
 * Loaded with LD_PRELOAD. One line each in the file that ORDER_LOG names: "PID written", "PID synced",
 * "PID sent ACTION", "PID rehearsed ACTION". A kill cannot show whether a journal was synced: the kernel keeps what was written. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static void note(const char *what, const char *more, int length)
{
    const char *log = getenv("ORDER_LOG");
    char line[128];
    int saved = errno, fd, size;

    if (log && (fd = open(log, O_WRONLY | O_APPEND | O_CREAT, 0600)) >= 0) {
        size = snprintf(line, sizeof line, "%d %s %.*s\n", (int)getpid(), what, length, more);
        if (write(fd, line, size) < 0)
            abort();
        close(fd);
    }
    errno = saved;
}

static int is_journal(int fd)
{
    char link[64], path[4096];
    int saved = errno;
    ssize_t length;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (length < 0)
        return 0;
    path[length] = 0;
    return strstr(path, "/journal.db") && !strstr(path, "-shm");
}

static void note_action(const void *bytes, size_t count)
{
    const char *found = memmem(bytes, count, "Action=", 7);
    const char *end = (const char *)bytes + count;
    int length = 0;

    if (!found)
        return;
    found += 7;
    while (found + length < end && length < 60 && found[length] != '&')
        length++;
    note(memmem(bytes, count, "DryRun=true", 11) ? "rehearsed" : "sent", found, length);
}

#define REAL(type, name)                          \
    static type real;                             \
    if (!real)                                    \
        real = (type)dlsym(RTLD_NEXT, name)

typedef ssize_t (*placed)(int, const void *, size_t, off_t);
typedef ssize_t (*vectored)(int, const struct iovec *, int);
typedef ssize_t (*sending)(int, const void *, size_t, int);
typedef int (*syncing)(int);

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    REAL(placed, "pwrite");
    if (is_journal(fd))
        note("written", "", 0);
    return real(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at)
{
    REAL(placed, "pwrite64");
    if (is_journal(fd))
        note("written", "", 0);
    return real(fd, bytes, count, at);
}

int fsync(int fd)
{
    REAL(syncing, "fsync");
    int failed = real(fd);
    if (!failed && is_journal(fd))
        note("synced", "", 0);
    return failed;
}

int fdatasync(int fd)
{
    REAL(syncing, "fdatasync");
    int failed = real(fd);
    if (!failed && is_journal(fd))
        note("synced", "", 0);
    return failed;
}

ssize_t send(int fd, const void *bytes, size_t count, int flags)
{
    REAL(sending, "send");
    note_action(bytes, count);
    return real(fd, bytes, count, flags);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    REAL(vectored, "writev");
    for (int n = 0; n < count; n++)
        note_action(parts[n].iov_base, parts[n].iov_len);
    return real(fd, parts, count);
}
