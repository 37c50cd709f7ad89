/* What a C library would give the agent: the way into the kernel, and nothing else.
 *
 * Numbers and structures come from the kernel's own headers (linux-libc-dev); only the few that
 * those leave to the C library are spelled out here. Every call gives a result or a negative errno.
 *
 * Sources: syscall(2) for the registers, recvmsg(2) and cmsg(3) for the message structures.
 */
#ifndef LINUX_H
#define LINUX_H

#include <asm/errno.h>
#include <asm/poll.h>
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sock_diag.h>
#include <linux/time.h> /* errqueue.h wants its timespec */
#include <linux/errqueue.h>
#include <linux/uio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AF_UNSPEC = 0, AF_INET = 2, AF_INET6 = 10, AF_NETLINK = 16 };
enum { TCP_LISTEN = 10 };
enum { SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_NONBLOCK = O_NONBLOCK, SOCK_CLOEXEC = O_CLOEXEC };
enum { MSG_ERRQUEUE = 0x2000 };
enum { ICMP_ECHO = 8, ICMPV6_ECHO_REQUEST = 128, ICMP_HEADER = 8 }; /* linux/icmp.h drags the C library in */

struct message {
    void *name;
    unsigned name_size;
    struct iovec *parts;
    size_t part_count;
    void *control;
    size_t control_size;
    unsigned flags;
};

struct control_header {
    size_t size;
    int level;
    int type;
};

#if defined(__x86_64__)

static inline long syscall6(long number, long a, long b, long c, long d, long e, long f)
{
    register long fourth asm("r10") = d, fifth asm("r8") = e, sixth asm("r9") = f;
    long result;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
                 : "rcx", "r11", "memory");
    return result;
}

/* The kernel leaves argc and argv on the stack; the agent gets a pointer to them. */
asm(".globl _start\n"
    "_start: xor %ebp, %ebp; mov %rsp, %rdi; and $-16, %rsp; call agent\n");

#elif defined(__aarch64__)

static inline long syscall6(long number, long a, long b, long c, long d, long e, long f)
{
    register long call asm("x8") = number, first asm("x0") = a, second asm("x1") = b;
    register long third asm("x2") = c, fourth asm("x3") = d, fifth asm("x4") = e, sixth asm("x5") = f;
    asm volatile("svc 0"
                 : "+r"(first)
                 : "r"(call), "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth)
                 : "memory");
    return first;
}

asm(".globl _start\n"
    "_start: mov x29, #0; mov x0, sp; bl agent\n");

#else
#error "the agent knows the system calls of x86_64 and aarch64 only"
#endif

/* syscall(read, fd, buffer, size): the call by its name, the registers it leaves out filled with 0. */
#define syscall(name, ...) SYSCALL_OF_SIX(__NR_##name, __VA_ARGS__, 0, 0, 0, 0, 0)
#define SYSCALL_OF_SIX(number, a, b, c, d, e, f, ...) \
    syscall6(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static inline _Noreturn void exit(int status)
{
    for (;;)
        syscall(exit_group, status);
}

/* The compiler calls these two for structures even in a freestanding program. */
void *memset(void *target, int value, size_t size)
{
    for (uint8_t *byte = target; size--; byte++)
        *byte = value;
    return target;
}

void *memcpy(void *target, const void *source, size_t size)
{
    const uint8_t *from = source;
    for (uint8_t *byte = target; size--; byte++)
        *byte = *from++;
    return target;
}

#endif
