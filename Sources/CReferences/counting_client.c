// What receiving alone costs: libmosquitto, and a callback that counts.
#include "creferences.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <time.h>

typedef struct counter {
    uint64_t warm, total, count;
    double began, ended;
} counter;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_connect(struct mosquitto *m, void *context, int rc, int flags, const mosquitto_property *properties) {
    (void)context, (void)flags, (void)properties;
    if (rc == 0) mosquitto_subscribe(m, NULL, "sluice/#", 1);
}

static void on_message(struct mosquitto *m, void *context, const struct mosquitto_message *message) {
    counter *c = context;
    (void)message;
    c->count++;
    if (c->count == c->warm) c->began = now();
    if (c->count == c->total) {
        c->ended = now();
        mosquitto_disconnect(m);
    }
}

double creferences_count_messages(
    int port, const char *username, const char *password, uint64_t warm, uint64_t total, int receive_maximum,
    int use_loop_forever) {
    mosquitto_lib_init();
    counter c = {.warm = warm, .total = total};
    struct mosquitto *m = mosquitto_new("sluice-counting", true, &c);
    if (!m) return -1;
    mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_int_option(m, MOSQ_OPT_RECEIVE_MAXIMUM, receive_maximum);
    mosquitto_connect_v5_callback_set(m, on_connect);
    mosquitto_message_callback_set(m, on_message);
    if (username) mosquitto_username_pw_set(m, username, password);
    double seconds = -1;
    if (mosquitto_connect(m, "127.0.0.1", port, 60) == MOSQ_ERR_SUCCESS) {
        if (use_loop_forever) {
            mosquitto_loop_forever(m, -1, 1);
        } else {
            while (c.ended == 0) {
                struct pollfd fd = {.fd = mosquitto_socket(m), .events = POLLIN};
                if (fd.fd < 0) break;
                if (mosquitto_want_write(m)) fd.events |= POLLOUT;
                if (poll(&fd, 1, 1000) < 0) break;
                int rc = MOSQ_ERR_SUCCESS;
                if (fd.revents & POLLIN) rc = mosquitto_loop_read(m, 1);
                if (rc == MOSQ_ERR_SUCCESS && mosquitto_want_write(m)) rc = mosquitto_loop_write(m, 1);
                if (rc == MOSQ_ERR_SUCCESS) rc = mosquitto_loop_misc(m);
                if (rc != MOSQ_ERR_SUCCESS) break;
            }
        }
        if (c.ended > 0) seconds = c.ended - c.began;
    }
    mosquitto_destroy(m);
    return seconds;
}
