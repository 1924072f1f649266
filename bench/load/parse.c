/* Reads what the server sends: the handshake's reply, then frames (RFC 6455 section 5.2). */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "load.h"

#define TEXT_MAX 65536

enum { TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9 };

static void keep(struct conn *c, const uint8_t *bytes, size_t len) {
    if (c->text_len + len > TEXT_MAX) len = TEXT_MAX - c->text_len;
    if (!c->text) c->text = malloc(TEXT_MAX + 1);
    memcpy(c->text + c->text_len, bytes, len);
    c->text_len += len;
    c->text[c->text_len] = 0;
}

static void forget(struct conn *c) {
    free(c->text);
    c->text = NULL;
    c->text_len = 0;
}

static bool all_zero(const uint8_t *bytes, size_t len) {
    return !bytes[0] && !memcmp(bytes, bytes + 1, len - 1);
}

/* A stamp came back: who spoke, which frame, when it was sent. */
static void heard(struct conn *c, int64_t at) {
    uint32_t magic, speaker, seq;
    int64_t sent;
    memcpy(&magic, c->head, 4);
    memcpy(&speaker, c->head + 4, 4);
    memcpy(&seq, c->head + 8, 4);
    memcpy(&sent, c->head + 12, 8);
    if (magic != STAMP_MAGIC || speaker >= (uint32_t)conn_count) return;
    if (speaker == c->index) {
        tot.own_heard++;
        return;
    }
    if (conns[speaker].role == ROLE_STALL) {
        int64_t slot = (at - stall_at) / SLOT_NS;
        if (at < stall_at || slot >= SLOTS) return;
        double ms = (double)(at - sent) / 1e6;
        tot.slot_sum[slot] += ms;
        tot.slot_count[slot]++;
        if (ms > tot.slot_max[slot]) tot.slot_max[slot] = ms;
        return;
    }
    if (conns[speaker].role != ROLE_SPEAK || !in_window(sent)) return;
    if (seq <= c->last_seq) {
        tot.duplicates++;
        return;
    }
    c->last_seq = seq;
    c->stamps_heard++;
    note(tot.latency, &tot.latency_count, &tot.latency_max, at - sent);
}

static void audio(struct conn *c, int64_t at) {
    if (in_window(at)) {
        tot.received++;
        if (c->arrival_count < c->arrival_cap)
            c->arrivals[c->arrival_count++] = (int32_t)((at - window_from) / 1000);
    }
    if (c->clear_at && !c->loud) {
        if (c->was_loud) {
            int64_t tail = c->loud_at > c->clear_at ? c->loud_at - c->clear_at : 0;
            note(tot.clear, &tot.clear_count, &tot.clear_max, at - c->clear_at);
            note(tot.tail, &tot.tail_count, &tot.tail_max, tail);
        } else
            tot.clears_missed++;
        c->clear_at = 0;
    }
    c->was_loud = c->loud;
    if (c->loud) c->loud_at = at;
    if (c->offset >= STAMP_BYTES && c->loud) heard(c, at);
}

static void finish(struct conn *c, int64_t at) {
    switch (c->opcode & 15) {
        case BINARY:
            audio(c, at);
            break;
        case TEXT:
            tot.texts++;
            if (c->state == WAITING && strstr(c->text ? c->text : "", c->ready)) conn_live(c);
            forget(c);
            break;
        case PING:
            tot.pings++;
            send_control(c, 10, c->text ? c->text : "", c->text_len);
            forget(c);
            break;
        case CLOSE:
            tot.closed++;
            if (c->text_len > 2) fprintf(stderr, "load: closed: %s\n", c->text + 2);
            forget(c);
            conn_kill(c);
            break;
        default:
            break;
    }
    c->header_have = 0;
}

static void payload(struct conn *c, const uint8_t *bytes, size_t len) {
    if ((c->opcode & 15) != BINARY) {
        keep(c, bytes, len);
        return;
    }
    if (c->offset < STAMP_BYTES) {
        size_t part = STAMP_BYTES - c->offset;
        memcpy(c->head + c->offset, bytes, part < len ? part : len);
    }
    if (!c->loud) c->loud = !all_zero(bytes, len);
    c->offset += len;
}

static bool header_byte(struct conn *c, uint8_t byte) {
    c->header[c->header_have++] = byte;
    if (c->header_have < 2) return false;
    int code = c->header[1] & 127, need = code == 126 ? 4 : code == 127 ? 10 : 2;
    if (c->header_have < need) return false;
    c->remaining = need == 2 ? (uint64_t)code : 0;
    for (int i = 2; i < need; i++) c->remaining = c->remaining << 8 | c->header[i];
    c->opcode = c->header[0];
    c->offset = 0;
    c->loud = false;
    return true;
}

static void frames(struct conn *c, const uint8_t *at, const uint8_t *end, int64_t now) {
    while (c->state != DEAD && at < end) {
        if (!c->header_have || !c->remaining) {
            if (!header_byte(c, *at++)) continue;
        } else {
            size_t len = (size_t)(end - at) < c->remaining ? (size_t)(end - at) : c->remaining;
            payload(c, at, len);
            c->remaining -= len;
            at += len;
        }
        if (!c->remaining) finish(c, now);
    }
}

/* Collect the handshake's reply; answer where the frames behind it begin. */
static const uint8_t *reply(struct conn *c, const uint8_t *bytes, size_t len) {
    size_t before = c->text_len;
    keep(c, bytes, len);
    char *end = strstr(c->text, "\r\n\r\n");
    if (!end) return bytes + len;
    if (strncmp(c->text, "HTTP/1.1 101", 12)) {
        fprintf(stderr, "load: refused: %.200s\n", c->text);
        conn_kill(c);
        return bytes + len;
    }
    size_t reply_len = (size_t)(end - c->text) + 4;
    forget(c);
    c->state = WAITING;
    if (*c->hello) send_control(c, TEXT, c->hello, strlen(c->hello));
    if (!*c->ready && c->state == WAITING) conn_live(c);
    return bytes + reply_len - before;
}

void conn_readable(struct conn *c) {
    static uint8_t buffer[1 << 17];
    ssize_t got = recv(c->fd, buffer, sizeof buffer, 0);
    if (got <= 0) {
        if (got < 0 && errno == EAGAIN) return;
        tot.closed++;
        conn_kill(c);
        return;
    }
    const uint8_t *at = buffer, *end = buffer + got;
    if (c->state == UPGRADING) at = reply(c, at, (size_t)got);
    frames(c, at, end, now_ns());
}
