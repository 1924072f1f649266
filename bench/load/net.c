/* Opens connections, makes handshakes (RFC 6455 section 4.1) and writes. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

#define QUEUE_MAX (1 << 20)

static int opened, opening;

static void watch(struct conn *c, int operation, bool out) {
    struct epoll_event event = {.events = EPOLLIN | (out ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(epoll_fd, operation, c->fd, &event);
    c->wants_out = out;
}

void conn_kill(struct conn *c) {
    if (c->state == DEAD) return;
    if (c->state == LIVE) live_count--;
    if (c->state > NEW && c->state < LIVE) opening--;
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    c->state = DEAD;
    dead_count++;
}

void conn_live(struct conn *c) {
    c->state = LIVE;
    opening--;
    live_count++;
}

static void dial(struct conn *c) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)opt.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) fail("no more sockets: raise the limit of open files");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->state = CONNECTING;
    opening++;
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) {
        conn_kill(c);
        return;
    }
    watch(c, EPOLL_CTL_ADD, true);
}

/* Keep a bounded number of handshakes in flight, so that no accept queue overflows. */
void open_some(void) {
    while (opening < opt.parallel && opened < conn_count) dial(&conns[opened++]);
}

static void upgrade(struct conn *c) {
    char request[4096];
    int len = snprintf(request, sizeof request,
                       "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                       "Sec-WebSocket-Version: 13\r\n%s%s\r\n",
                       c->path, opt.port, c->headers, *c->headers ? "\r\n" : "");
    if (len >= (int)sizeof request) fail("a request of the plan is too long");
    c->state = UPGRADING;
    send_bytes(c, (uint8_t *)request, (size_t)len, QUEUE_MAX);
}

void conn_ready_to_write(struct conn *c) {
    if (c->state == CONNECTING) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) {
            conn_kill(c);
            return;
        }
        watch(c, EPOLL_CTL_MOD, false);
        upgrade(c);
        return;
    }
    ssize_t done = c->out_len ? send(c->fd, c->out, c->out_len, MSG_NOSIGNAL) : 0;
    if (done < 0) {
        if (errno != EAGAIN) conn_kill(c);
        return;
    }
    memmove(c->out, c->out + done, c->out_len - (size_t)done);
    c->out_len -= (size_t)done;
    if (!c->out_len) watch(c, EPOLL_CTL_MOD, false);
}

static void queue(struct conn *c, const uint8_t *bytes, size_t len) {
    if (!c->out) c->out = malloc(QUEUE_MAX + 65536);
    memcpy(c->out + c->out_len, bytes, len);
    c->out_len += len;
    if (!c->wants_out) watch(c, EPOLL_CTL_MOD, true);
}

/* Send whole messages only: what does not fit waits up to queue_limit, beyond that it is dropped. */
void send_bytes(struct conn *c, const uint8_t *bytes, size_t len, size_t queue_limit) {
    if (c->fd < 0) return;
    if (c->out_len) {
        if (c->out_len + len > queue_limit)
            tot.client_dropped++;
        else
            queue(c, bytes, len);
        return;
    }
    ssize_t done = send(c->fd, bytes, len, MSG_NOSIGNAL);
    if (done < 0) {
        if (errno != EAGAIN) {
            conn_kill(c);
            return;
        }
        done = 0;
    }
    if ((size_t)done < len) {
        tot.send_blocked++;
        queue(c, bytes + done, len - (size_t)done);
    }
}

/* Send one masked frame with a short payload (RFC 6455 sections 5.2, 5.3). */
void send_control(struct conn *c, uint8_t opcode, const void *payload, size_t len) {
    static const uint8_t key[4] = {0x37, 0xfa, 0x21, 0x3d};
    uint8_t frame[8 + 65535];
    size_t at = 2;
    if (len > 65535) fail("a text of the plan is too long");
    frame[0] = 0x80 | opcode;
    frame[1] = 0x80 | (len < 126 ? (uint8_t)len : 126);
    if (len >= 126) {
        frame[at++] = (uint8_t)(len >> 8);
        frame[at++] = (uint8_t)len;
    }
    memcpy(frame + at, key, 4);
    at += 4;
    for (size_t i = 0; i < len; i++) frame[at + i] = ((const uint8_t *)payload)[i] ^ key[i & 3];
    send_bytes(c, frame, at + len, QUEUE_MAX);
}
