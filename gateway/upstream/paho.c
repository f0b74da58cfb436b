/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/paho.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <MQTTAsync.h>
#include <uv.h>

#include "base/failure.h"
#include "upstream/order.h"
#include "upstream/paho_client.h"

#define TRACE "MQTT_C_CLIENT_TRACE" /* how all variables of it begin */
#define NAME_BYTES 128

struct paho {
	struct mailbox orders;
	_Atomic size_t order_count; /* not carried out yet */
	struct mailbox *news;
	uv_sem_t due; /* up when there are orders */
	uv_thread_t thread;
	bool is_stopping;
	struct order *stop; /* there has to be memory for it at the end */
	struct paho_client *clients[PAHO_SLOTS];
};

static struct paho_client **place_of(struct paho *paho, uint64_t id)
{
	return &paho->clients[id & (PAHO_SLOTS - 1)];
}

static struct paho_client *find(struct paho *paho, uint64_t id)
{
	struct paho_client *client = *place_of(paho, id);

	return client && client->id == id ? client : NULL;
}

static void close_client(struct paho *paho, struct paho_client *client)
{
	*place_of(paho, client->id) = NULL;
	paho_client_destroy(client);
}

/* One that could not be opened has told: further orders for it are void. */
static void take(struct paho *paho, struct order *order)
{
	struct paho_client *client = find(paho, order->client);

	if (order->type == ORDER_OPEN) {
		struct paho_client **place = place_of(paho, order->client);

		*place = paho_client_create(order, paho->news);
		return;
	}
	if (order->type == ORDER_STOP)
		paho->is_stopping = true;
	else if (client && order->type == ORDER_CLOSE)
		close_client(paho, client);
	else if (client)
		paho_client_carry_out(client, order);
	order_destroy(order);
}

static void run(void *owner)
{
	struct paho *paho = owner;

	while (!paho->is_stopping) {
		struct mailbox_item *item;

		uv_sem_wait(&paho->due);
		for (item = mailbox_take(&paho->orders); item;) {
			struct order *order = (struct order *)item;

			item = item->next;
			take(paho, order);
			atomic_fetch_sub(&paho->order_count, 1);
		}
	}
	for (size_t i = 0; i < PAHO_SLOTS; i++) {
		if (paho->clients[i])
			close_client(paho, paho->clients[i]);
	}
}

static void on_orders(void *owner)
{
	struct paho *paho = owner;

	uv_sem_post(&paho->due);
}

static bool forget_variable(const char *variable)
{
	char name[NAME_BYTES];
	size_t len = strcspn(variable, "=");

	if (len >= sizeof name)
		return false;
	memcpy(name, variable, len);
	name[len] = '\0';
	return unsetenv(name) == 0;
}

/* It would write payloads and passwords into a file. */
static void forget_trace(void)
{
	char **at = environ;

	while (at && *at) {
		bool is_trace = strncmp(*at, TRACE, strlen(TRACE)) == 0;

		if (!is_trace || !forget_variable(*at))
			at++;
	}
}

static bool start_thread(struct paho *paho)
{
	int error = uv_thread_create(&paho->thread, run, paho);

	return error == 0 || failure_of("uv_thread_create", -error);
}

struct paho *paho_start(struct mailbox *news)
{
	MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
	struct paho *paho = calloc(1, sizeof *paho);

	if (!paho)
		return NULL;
	forget_trace();
	unsetenv("http_proxy"); /* nobody is to be between us */
	unsetenv("https_proxy");
	options.do_openssl_init = 0;
	MQTTAsync_global_init(&options);
	paho->news = news;
	paho->stop = order_create(ORDER_STOP, 0, 0);
	if (paho->stop && uv_sem_init(&paho->due, 0) == 0 &&
	    mailbox_init(&paho->orders, on_orders, paho) && start_thread(paho))
		return paho;
	order_destroy(paho->stop);
	free(paho);
	return NULL;
}

void paho_send(struct paho *paho, struct order *order)
{
	atomic_fetch_add(&paho->order_count, 1);
	mailbox_post(&paho->orders, &order->item);
}

size_t paho_orders(const struct paho *paho)
{
	return atomic_load(&paho->order_count);
}

void paho_stop(struct paho *paho)
{
	if (!paho)
		return;
	paho_send(paho, paho->stop);
	uv_thread_join(&paho->thread);
	mailbox_finish(&paho->orders);
	uv_sem_destroy(&paho->due);
	free(paho);
}
