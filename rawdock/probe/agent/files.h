/* What is read and printed whole: files, and what the kernel says of listening sockets. */
#ifndef FILES_H
#define FILES_H

#include "output.h"
#include "probes.h"
#include "words.h"

enum { MAX_FILE = 4 << 20, AT_ONCE = 65536 }; /* a file of /proc/sys gives ENOMEM where 4 MiB are asked for at once */

static long open_file(const char *path)
{
    return syscall(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* Reads until the end, or MAX_FILE: then EFBIG if there is more. BYTES has room for AT_ONCE besides. Gives the errno. */
static int read_file(const char *path, uint8_t *bytes, size_t *size)
{
    long fd = open_file(path);
    long result = 0;
    if (fd < 0)
        return -fd;
    while (*size <= MAX_FILE && (result = syscall(read, fd, bytes + *size, AT_ONCE)) > 0)
        *size += result;
    syscall(close, fd);
    if (*size > MAX_FILE) {
        *size = MAX_FILE;
        return EFBIG;
    }
    return result < 0 ? -result : 0;
}

/* The last message the kernel answers with: NLMSG_DONE, or why it does not. */
static bool ends(const struct nlmsghdr *message)
{
    return message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR;
}

/* Asks for all listening TCP sockets and keeps the answer as it comes. Gives the errno. */
static int read_listeners(unsigned family, uint8_t *bytes, size_t *size)
{
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 asked;
    } request = {
        .head = {sizeof request, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP},
        .asked = {.sdiag_family = family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = 1 << TCP_LISTEN},
    };
    long fd = syscall(socket, AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0)
        return -fd;
    long result = syscall(sendto, fd, &request, sizeof request);
    while (result > 0) {
        result = syscall(recvfrom, fd, bytes + *size, MAX_FILE - *size);
        long rest = result;
        struct nlmsghdr *message = (struct nlmsghdr *)(bytes + *size);
        *size += result > 0 ? result : 0;
        for (; NLMSG_OK(message, rest); message = NLMSG_NEXT(message, rest))
            if (ends(message))
                result = message->nlmsg_type == NLMSG_ERROR ? *(int *)NLMSG_DATA(message) : 0;
    }
    syscall(close, fd);
    return -result;
}

/* /proc/self/net is the namespace the process is in at that moment: it has one thread only. */
static void print_file(int index, const struct word *word)
{
    static uint8_t bytes[MAX_FILE + AT_ONCE];
    size_t size = 0;
    int error = vantage_error;
    if (!error)
        error = word->verb == DIAG ? read_listeners(word->family, bytes, &size) : read_file(word->path, bytes, &size);
    put_text("file");
    put_field(index);
    put_field(error);
    if (vantage_error) {
        put_text(" no-vantage\n");
        return;
    }
    put_field(size);
    put('\n');
    for (size_t i = 0; i < size; i++)
        put(bytes[i]);
    put('\n');
}

#endif
