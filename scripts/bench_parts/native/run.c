/* Runs one client and measures it from outside: run NETNS FD PROGRAM ARGUMENT...
 *
 * NETNS: the network namespace to run in, "-" for this one. FD takes one line: nanoseconds from fork to end, microseconds of
 * user and system time, the largest resident set in KiB, the exit code (128 + signal).
 * In C because Linux counts the parent's resident set at fork into the child's ru_maxrss: under Python that would be the
 * bench's own 20 MB. Source: wait4(2), setns(2), getrusage(2).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long micro(struct timeval t) { return t.tv_sec * 1000000LL + t.tv_usec; }

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    if (strcmp(argv[1], "-")) {
        int net = open(argv[1], O_RDONLY | O_CLOEXEC);
        if (net < 0 || setns(net, CLONE_NEWNET)) { perror(argv[1]); return 2; }
    }
    int report = atoi(argv[2]);
    fcntl(report, F_SETFD, FD_CLOEXEC);
    long long start = now();
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[3], argv + 3);
        perror(argv[3]);
        _exit(127);
    }
    int status;
    struct rusage used;
    if (child < 0 || wait4(child, &status, 0, &used) < 0) { perror("run"); return 2; }
    long long wall = now() - start;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    dprintf(report, "%lld %lld %lld %ld %d\n", wall, micro(used.ru_utime), micro(used.ru_stime), used.ru_maxrss, code);
    return code;
}
