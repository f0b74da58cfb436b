/* SPDX-License-Identifier: Apache-2.0 */
#include "base/question.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"
#define PORT_MAX 65535
#define TOLERANCE_MS UINT64_C(2000)

_Static_assert(QUESTION_ADDRESS_BYTES >= INET6_ADDRSTRLEN, "any address fits");

static bool read_port(const char *text, uint16_t *port)
{
	unsigned long number = strtoul(text, NULL, 10);

	if (*text == '\0' || strspn(text, DIGITS) != strlen(text) ||
	    strlen(text) > 5 || number == 0 || number > PORT_MAX)
		return false;
	*port = (uint16_t)number;
	return true;
}

/* The one spelling of an address; that of IPv4 for it within IPv6. */
static bool spell(const char *text, char *out)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET6, text, &six) == 1 && IN6_IS_ADDR_V4MAPPED(&six))
		return inet_ntop(AF_INET,
		                 &six.s6_addr[sizeof six - sizeof four], out,
		                 QUESTION_ADDRESS_BYTES) != NULL;
	if (inet_pton(AF_INET6, text, &six) == 1)
		return inet_ntop(AF_INET6, &six, out, QUESTION_ADDRESS_BYTES) !=
		       NULL;
	return inet_pton(AF_INET, text, &four) == 1 &&
	       inet_ntop(AF_INET, &four, out, QUESTION_ADDRESS_BYTES) != NULL;
}

static bool read_address(const char *text, size_t len, char *address)
{
	char host[QUESTION_ADDRESS_BYTES] = "";

	if (len > 1 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len >= sizeof host)
		return false;
	memcpy(host, text, len);
	return spell(host, address);
}

/* ADDRESS:PORT; brokers write IPv6 in brackets or without. */
static bool read_socket(const char *text, char *address, uint16_t *port)
{
	const char *colon = strrchr(text, ':');

	return colon && read_port(colon + 1, port) &&
	       read_address(text, (size_t)(colon - text), address);
}

/* w17-41 */
static bool is_session(const char *text)
{
	size_t worker;
	size_t number;

	if (*text != 'w' || strlen(text) >= QUESTION_ID_BYTES)
		return false;
	worker = strspn(text + 1, DIGITS);
	if (worker == 0 || text[1 + worker] != '-')
		return false;
	text += 1 + worker + 1;
	number = strspn(text, DIGITS);
	return number > 0 && text[number] == '\0';
}

bool question_read(const char *text, struct question *out)
{
	struct question question = { .at_s = QUESTION_ANY_TIME };

	if (is_session(text))
		memcpy(question.id, text, strlen(text));
	else if (!read_port(text, &question.port) &&
	         !read_socket(text, question.address, &question.port))
		return false;
	*out = question;
	return true;
}

static bool lived_at(const struct record *record, uint64_t at_s)
{
	uint64_t at_ms = at_s * 1000;

	if (record->since_ms >= at_ms + 1000 + TOLERANCE_MS)
		return false;
	return record->until_ms == 0 ||
	       record->until_ms + TOLERANCE_MS >= at_ms;
}

static bool has_local(const struct record *record,
                      const struct question *question)
{
	const char *local = record->texts[RECORD_LOCAL];
	const char *colon = strrchr(local, ':');
	char address[QUESTION_ADDRESS_BYTES];
	uint16_t port;

	/* Nearly all differ here. */
	if (!colon || !read_port(colon + 1, &port) || port != question->port)
		return false;
	return question->address[0] == '\0' ||
	       (read_socket(local, address, &port) &&
	        strcmp(address, question->address) == 0);
}

bool question_is_about(const struct question *question,
                       const struct record *record)
{
	bool is_meant =
	    question->id[0] != '\0'
	        ? strcmp(question->id, record->texts[RECORD_ID]) == 0
	        : has_local(record, question);

	return is_meant && (question->at_s == QUESTION_ANY_TIME ||
	                    lived_at(record, question->at_s));
}
