/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/entry.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "mqtt/compose.h"
#include "mqtt/properties.h"
#include "mqtt/protocol.h"
#include "mqtt/writer.h"
#include "policy/acl.h"
#include "policy/client_id.h"
#include "policy/policy.h"

#define CLIENT_ID_BYTES 1024 /* of a rewritten one */
#define PROPERTIES_MORE 32   /* numbers that a list may be longer by */
#define RECEIVE_MAXIMUM                                                        \
	65535u                  /* where a packet has none [MQTT5 3.1.2.11.3]  \
	                         */
#define BAD_AUTHENTICATION 0x8C /* [MQTT5 2.4] */

static uint32_t number_of(struct slice properties, enum mqtt_property_id id,
                          uint32_t otherwise)
{
	struct mqtt_property found;

	return mqtt_properties_find(properties, id, &found) ? found.number
	                                                    : otherwise;
}

static bool has(struct slice properties, enum mqtt_property_id id)
{
	struct mqtt_property found;

	return mqtt_properties_find(properties, id, &found);
}

void entry_finish(struct entry *entry)
{
	free(entry->client_id);
	free(entry->user);
	*entry = (struct entry){ 0 };
}

bool entry_checks_delivery(const struct policy_route *route)
{
	return route->acl && !acl_receives_all(route->acl);
}

bool entry_forbids_alias(const struct policy_route *route)
{
	return route->acl || route->config->read_only ||
	       route->config->audit != CONFIG_AUDIT_NONE;
}

/* Who asks. */

static char *copy_text(struct slice text)
{
	return strndup((const char *)text.data, text.len);
}

/*
 * A user whom no broker verifies, because we log in ourselves, is none; nor is
 * a user name where users have certificates: it could be that of one of them.
 */
static struct slice verified_user(const struct entry_guest *guest,
                                  const struct policy_route *route,
                                  const struct mqtt_connect *connect)
{
	if (guest->user)
		return slice_from_text(guest->user);
	if (guest->is_asked || route->upstream->inject ||
	    !connect->has_username)
		return (struct slice){ 0 };
	return connect->username;
}

static struct entry_refusal name_client(struct entry *entry,
                                        const struct policy_route *route,
                                        const struct mqtt_connect *connect,
                                        const char *session)
{
	const struct client_id_values values = {
		.user = verified_user(&entry->guest, route, connect),
		.client = connect->client_id,
		.session = slice_from_text(session),
	};
	char buffer[CLIENT_ID_BYTES];
	struct slice id;

	if (!client_id_apply(&route->client_id, &values, buffer, sizeof(buffer),
	                     &id))
		return (struct entry_refusal){ .reason = CLOSE_CLIENT_ID };
	entry->has_assigned_id = connect->client_id.len == 0 && id.len > 0;
	entry->client_id = copy_text(id);
	return (struct entry_refusal){ .reason = entry->client_id
		                                     ? CLOSE_NONE
		                                     : CLOSE_INTERNAL };
}

struct entry_refusal entry_judge(struct entry *entry,
                                 const struct policy_route *route,
                                 const struct mqtt_connect *connect,
                                 const char *session)
{
	struct slice user = verified_user(&entry->guest, route, connect);

	entry->level = connect->level;
	entry->keep_alive_s = connect->keep_alive_s;
	entry->has_auth_method =
	    has(connect->properties, MQTT_PROPERTY_AUTH_METHOD);
	entry->has_expiry =
	    number_of(connect->properties, MQTT_PROPERTY_SESSION_EXPIRY, 0) > 0;
	/* The page's own login cannot go on beside ours. */
	if (route->upstream->inject && entry->has_auth_method)
		return (struct entry_refusal){ .reason = CLOSE_BAD_LOGIN,
			                       .code5 = BAD_AUTHENTICATION };
	if (user.data) {
		entry->user = copy_text(user);
		if (!entry->user)
			return (struct entry_refusal){ .reason =
				                           CLOSE_INTERNAL };
	}
	return name_client(entry, route, connect, session);
}

/* What goes to the broker. */

static void put_login(struct mqtt_connect *connect,
                      const struct config_upstream *upstream)
{
	connect->has_username = true;
	connect->username = slice_from_text(upstream->username.value);
	connect->has_password = upstream->password != NULL;
	connect->password =
	    (struct slice){ upstream->password, upstream->password_len };
}

/* [MQTT5 3.1.2.10]: 0 switches it off, which is more than any number. */
static bool is_too_long(uint32_t keep_alive_s, uint32_t most)
{
	return most > 0 && (keep_alive_s == 0 || keep_alive_s > most);
}

/* Nobody else may say it in our place. */
static void copy_but_named(struct mqtt_writer *writer, struct slice list,
                           uint64_t without, const char *name)
{
	struct mqtt_property property;

	while (mqtt_properties_take(&list, &property)) {
		if (property.id != MQTT_PROPERTY_USER ||
		    !slice_is(property.name, name))
			mqtt_properties_copy(writer, property.whole, without);
	}
}

static void copy_with_address(struct mqtt_writer *writer,
                              const struct entry *entry, struct slice list,
                              uint64_t without, const char *name)
{
	copy_but_named(writer, list, without, name);
	if (entry->guest.address)
		mqtt_properties_put_user(writer, slice_from_text(name),
		                         slice_from_text(entry->guest.address));
}

static void edit_connect_properties(const struct entry *entry,
                                    const struct policy_route *route,
                                    struct slice list,
                                    struct mqtt_writer *writer)
{
	const char *name = route->config->address_property.value;
	uint64_t without = 0;

	if (entry_checks_delivery(route))
		without |=
		    mqtt_properties_bit(MQTT_PROPERTY_TOPIC_ALIAS_MAXIMUM);
	if (!route->config->persistent)
		without |= mqtt_properties_bit(MQTT_PROPERTY_SESSION_EXPIRY);
	if (name)
		copy_with_address(writer, entry, list, without, name);
	else
		mqtt_properties_copy(writer, list, without);
}

static void edit_connect(struct entry *entry, const struct policy_route *route,
                         struct mqtt_connect *connect,
                         struct mqtt_writer *writer)
{
	uint32_t most = route->config->max_keepalive_s;

	connect->client_id = slice_from_text(entry->client_id);
	if (!route->config->persistent)
		connect->clean = true;
	if (route->upstream->inject)
		put_login(connect, route->upstream);
	if (connect->level != MQTT_LEVEL_5)
		return;
	if (is_too_long(connect->keep_alive_s, most)) {
		entry->has_less_alive = true;
		connect->keep_alive_s = (uint16_t)most;
	}
	edit_connect_properties(entry, route, connect->properties, writer);
	connect->properties = mqtt_writer_written(writer);
}

static bool is_same(const struct mqtt_connect *asked,
                    const struct mqtt_connect *edited)
{
	return slice_equals(asked->client_id, edited->client_id) &&
	       asked->clean == edited->clean &&
	       asked->keep_alive_s == edited->keep_alive_s &&
	       asked->username.data == edited->username.data &&
	       slice_equals(asked->properties, edited->properties);
}

static size_t room_for(const struct mqtt_connect *connect)
{
	return MQTT_COMPOSE_FRAME_BYTES + connect->properties.len +
	       connect->client_id.len + connect->will_properties.len +
	       connect->will_topic.len + connect->will_payload.len +
	       connect->username.len + connect->password.len;
}

static enum entry_write compose_connect(const struct mqtt_connect *connect,
                                        uint8_t **packet, size_t *len)
{
	size_t size = room_for(connect);
	uint8_t *written = malloc(size);

	if (!written)
		return ENTRY_MEMORY;
	*len = mqtt_compose_connect(written, size, connect);
	*packet = written;
	return ENTRY_WRITTEN;
}

static size_t address_bytes(const struct entry *entry,
                            const struct policy_route *route)
{
	const char *name = route->config->address_property.value;

	return name && entry->guest.address
	           ? strlen(name) + strlen(entry->guest.address)
	           : 0;
}

enum entry_write entry_write_connect(struct entry *entry,
                                     const struct policy_route *route,
                                     const struct mqtt_connect *connect,
                                     uint8_t **packet, size_t *len)
{
	struct mqtt_connect edited = *connect;
	size_t size = connect->properties.len + PROPERTIES_MORE +
	              address_bytes(entry, route);
	uint8_t *properties = malloc(size);
	struct mqtt_writer writer;
	enum entry_write result = ENTRY_SAME;

	if (!properties)
		return ENTRY_MEMORY;
	mqtt_writer_init(&writer, properties, size);
	edit_connect(entry, route, &edited, &writer);
	if (!is_same(connect, &edited))
		result = compose_connect(&edited, packet, len);
	free(properties);
	return result;
}

/* What goes back to the browser. */

struct edit {
	struct slice list;
	struct mqtt_writer *writer;
	uint64_t without;
};

/* Puts a number in place of the one that the list has, or has not. */
static void replace(struct edit *edit, enum mqtt_property_id id,
                    uint32_t number)
{
	edit->without |= mqtt_properties_bit(id);
	mqtt_properties_put_number(edit->writer, id, number);
}

static void edit_connack(const struct entry *entry,
                         const struct policy_route *route, struct edit *edit)
{
	const struct config_route *config = route->config;
	uint32_t receive = number_of(edit->list, MQTT_PROPERTY_RECEIVE_MAXIMUM,
	                             RECEIVE_MAXIMUM);
	uint32_t alive =
	    number_of(edit->list, MQTT_PROPERTY_SERVER_KEEP_ALIVE, 0);

	if (entry_forbids_alias(route))
		edit->without |=
		    mqtt_properties_bit(MQTT_PROPERTY_TOPIC_ALIAS_MAXIMUM);
	if (receive > config->receive_max)
		replace(edit, MQTT_PROPERTY_RECEIVE_MAXIMUM,
		        config->receive_max);
	if ((entry->has_less_alive || alive > 0) &&
	    is_too_long(alive, config->max_keepalive_s))
		replace(edit, MQTT_PROPERTY_SERVER_KEEP_ALIVE,
		        config->max_keepalive_s);
	if (entry->has_expiry && !config->persistent)
		replace(edit, MQTT_PROPERTY_SESSION_EXPIRY, 0);
	if (!entry->has_assigned_id)
		return;
	edit->without |= mqtt_properties_bit(MQTT_PROPERTY_ASSIGNED_CLIENT_ID);
	mqtt_properties_put_string(edit->writer,
	                           MQTT_PROPERTY_ASSIGNED_CLIENT_ID,
	                           slice_from_text(entry->client_id));
}

static enum entry_write compose_connack(const struct mqtt_connack *connack,
                                        uint8_t **packet, size_t *len)
{
	size_t size = MQTT_COMPOSE_FRAME_BYTES + connack->properties.len;
	uint8_t *written = malloc(size);

	if (!written)
		return ENTRY_MEMORY;
	*len = mqtt_compose_connack(written, size, MQTT_LEVEL_5, connack);
	*packet = written;
	return ENTRY_WRITTEN;
}

enum entry_write entry_write_connack(const struct entry *entry,
                                     const struct policy_route *route,
                                     const struct mqtt_connack *connack,
                                     uint8_t **packet, size_t *len)
{
	size_t size = connack->properties.len + PROPERTIES_MORE +
	              strlen(entry->client_id);
	struct mqtt_connack edited = *connack;
	uint8_t *properties = malloc(size);
	struct mqtt_writer writer;
	struct edit edit = { .list = connack->properties, .writer = &writer };
	enum entry_write result = ENTRY_SAME;

	if (!properties)
		return ENTRY_MEMORY;
	mqtt_writer_init(&writer, properties, size);
	edit_connack(entry, route, &edit);
	mqtt_properties_copy(&writer, edit.list, edit.without);
	edited.properties = mqtt_writer_written(&writer);
	if (!slice_equals(edited.properties, connack->properties))
		result = compose_connack(&edited, packet, len);
	free(properties);
	return result;
}
