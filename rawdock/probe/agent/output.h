/* Standard output, collected and written a block at a time. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "linux.h"

static char output[65536];
static size_t output_size;

static void flush(void)
{
    for (size_t sent = 0; sent < output_size;) {
        long result = syscall(write, 1, output + sent, output_size - sent);
        if (result < 0 && result != -EINTR)
            exit(1);
        sent += result < 0 ? 0 : result;
    }
    output_size = 0;
}

static void put(char character)
{
    if (output_size == sizeof output)
        flush();
    output[output_size++] = character;
}

static void put_text(const char *text)
{
    while (*text)
        put(*text++);
}

static void put_number(uint64_t value)
{
    if (value >= 10)
        put_number(value / 10);
    put('0' + value % 10);
}

static void put_field(uint64_t value)
{
    put(' ');
    put_number(value);
}

static void put_hex(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        put("0123456789abcdef"[bytes[i] >> 4]);
        put("0123456789abcdef"[bytes[i] & 15]);
    }
}

#endif
