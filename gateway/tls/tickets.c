/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/tickets.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include "base/hash.h"
#include "base/slice.h"
#include "base/ticket_keys.h"

/* What OpenSSL wants to hear of the callback. */
enum answer {
	ANSWER_FAILED = -1,
	ANSWER_UNKNOWN = 0, /* a whole handshake, then */
	ANSWER_GOOD = 1,
	ANSWER_RENEW = 2, /* good, but give another one */
};

#define IV_BYTES 16 /* of AES, in any mode */

/* No stranger chooses what is hashed here: any seed is as good. */
static const struct hash_seed seed;

static bool set_mac(EVP_MAC_CTX *mac, const struct ticket_key *key)
{
	char digest[] = "SHA256";
	uint8_t secret[sizeof key->mac];
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, secret,
		                                  sizeof secret),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
		                                 0),
		OSSL_PARAM_construct_end(),
	};

	memcpy(secret, key->mac, sizeof secret);

	bool is_set = EVP_MAC_CTX_set_params(mac, params) == 1;

	OPENSSL_cleanse(secret, sizeof secret);
	return is_set;
}

static enum answer give(const struct ticket_key *key, unsigned char *name,
                        unsigned char *iv, EVP_CIPHER_CTX *cipher,
                        EVP_MAC_CTX *mac)
{
	memcpy(name, key->name, sizeof key->name);
	if (RAND_bytes(iv, IV_BYTES) == 1 &&
	    EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher,
	                       iv) == 1 &&
	    set_mac(mac, key))
		return ANSWER_GOOD;
	return ANSWER_FAILED;
}

static bool has_name(const struct ticket_key *key, const unsigned char *name)
{
	return memcmp(key->name, name, sizeof key->name) == 0;
}

static bool open_ticket(const struct ticket_key *key, const unsigned char *iv,
                        EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	return EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher,
	                          iv) == 1 &&
	       set_mac(mac, key);
}

static enum answer take(const SSL *ssl, const struct ticket_key_pair *keys,
                        const unsigned char *name, const unsigned char *iv,
                        EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	bool is_current = has_name(&keys->current, name);
	const struct ticket_key *key =
	    is_current ? &keys->current : &keys->previous;

	if (!is_current &&
	    (!keys->has_previous || !has_name(&keys->previous, name)))
		return ANSWER_UNKNOWN;
	if (!open_ticket(key, iv, cipher, mac))
		return ANSWER_FAILED;
	return is_current && SSL_version(ssl) < TLS1_3_VERSION ? ANSWER_GOOD
	                                                       : ANSWER_RENEW;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv,
                     EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int is_new)
{
	const struct ticket_keys *keys =
	    SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	struct ticket_key_pair pair;
	enum answer answer = ANSWER_FAILED;

	if (ticket_keys_read(keys, &pair))
		answer = is_new ? give(&pair.current, name, iv, cipher, mac)
		                : take(ssl, &pair, name, iv, cipher, mac);
	OPENSSL_cleanse(&pair, sizeof pair);
	return answer;
}

bool tls_tickets_apply(const struct tls_tickets *tickets, SSL_CTX *context)
{
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(context, TICKET_KEYS_LIFE_S);
	return SSL_CTX_set_num_tickets(context, 1) == 1 &&
	       SSL_CTX_set_app_data(context, (void *)tickets->keys) == 1 &&
	       SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket) == 1;
}

void tls_tickets_set_scope(const struct tls_tickets *tickets, uint64_t demands,
                           SSL_CTX *context)
{
	const struct slice name = { (const uint8_t *)tickets->listener,
		                    strlen(tickets->listener) };
	const uint64_t scope[] = { hash_slice(&seed, name), demands };

	SSL_CTX_set_session_id_context(context, (const unsigned char *)scope,
	                               sizeof scope);
}
