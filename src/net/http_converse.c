/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/clock.h"
#include "net/http_own.h"

/* A slot and the transfer of its request; the answer lies in the slot. */
struct seat {
	struct http_slot slot;
	bool is_taken;
};

struct room {
	struct http_client *client;
	const struct http_crowd *crowd;
	struct seat *seats;              /* owned, as the next */
	struct http_transfer *transfers; /* one a seat */
	bool has_more; /* begin has not said yet that there are none */
};

#define AUTO_ROOM AUTO(room_done)

static void room_done(struct room *room)
{
	for (size_t i = 0; room->seats != NULL && i < room->crowd->slots; i++)
		http_response_done(&room->seats[i].slot.response);
	for (size_t i = 0; room->transfers != NULL && i < room->crowd->slots;
	     i++)
		http_attempt_end(&room->transfers[i]);
	free(room->seats);
	free(room->transfers);
}

/* An empty seat has a transfer that has ended, and so never starts. */
static void idle(struct room *room, size_t i)
{
	room->seats[i].is_taken = false;
	room->transfers[i] = (struct http_transfer){ .state = TRANSFER_ANSWERED,
		                                     .is_in_crowd = true };
}

/* The slot's request, as a transfer that waits for its time. */
static void queue(struct room *room, size_t i)
{
	struct http_slot *slot = &room->seats[i].slot;

	room->transfers[i] = (struct http_transfer){
		.client = room->client,
		.request = &slot->request,
		.response = &slot->response,
		.state = TRANSFER_WAITING,
		.is_in_crowd = true,
		.start_at = slot->wait_ms > 0
		                    ? clock_monotonic_ms() + slot->wait_ms
		                    : 0,
	};
	slot->wait_ms = 0;
}

static int seat_next(struct room *room, size_t i, struct err *err)
{
	const struct http_crowd *crowd = room->crowd;
	struct http_slot *slot = &room->seats[i].slot;
	int got;

	if (!room->has_more)
		return 0;
	slot->request = (struct http_request){ .url = NULL };
	slot->wait_ms = 0;
	got = crowd->begin(crowd->context, slot, err);
	if (got < 0)
		return -1;
	room->has_more = got == 1;
	if (got == 1) {
		room->seats[i].is_taken = true;
		queue(room, i);
	}
	return 0;
}

static int hand_answer(struct room *room, size_t i, struct err *err)
{
	const struct http_crowd *crowd = room->crowd;
	struct http_transfer *transfer = &room->transfers[i];
	struct http_slot *slot = &room->seats[i].slot;
	const struct err *failure = NULL;
	int got;

	if (transfer->state == TRANSFER_FAILED) {
		(void)http_wrap(transfer->request, &transfer->err);
		buf_cut(&slot->response.body, 0);
		failure = &transfer->err;
	}
	got = crowd->answer(crowd->context, slot, failure, err);
	if (got < 0)
		return -1;
	if (got == 1)
		queue(room, i);
	else
		idle(room, i);
	return 0;
}

static bool has_ended(const struct http_transfer *transfer)
{
	return transfer->state == TRANSFER_ANSWERED ||
	       transfer->state == TRANSFER_FAILED;
}

/* Answers to their jobs, jobs to empty seats.  @busy: out, taken seats. */
static int serve(struct room *room, size_t *busy, struct err *err)
{
	*busy = 0;
	for (size_t i = 0; i < room->crowd->slots; i++) {
		struct seat *seat = &room->seats[i];

		if (seat->is_taken && has_ended(&room->transfers[i]) &&
		    hand_answer(room, i, err) < 0)
			return -1;
		if (!seat->is_taken && seat_next(room, i, err) < 0)
			return -1;
		*busy += seat->is_taken;
	}
	return 0;
}

int http_converse(struct http_client *client, const struct http_crowd *crowd,
                  struct err *err)
{
	AUTO_ROOM struct room room = { .client = client,
		                       .crowd = crowd,
		                       .has_more = true };
	size_t busy;

	room.seats = calloc(crowd->slots, sizeof *room.seats);
	room.transfers = calloc(crowd->slots, sizeof *room.transfers);
	if (room.seats == NULL || room.transfers == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < crowd->slots; i++) {
		room.seats[i].slot.response = HTTP_RESPONSE_NONE;
		idle(&room, i);
	}
	for (;;) {
		if (serve(&room, &busy, err) < 0)
			return -1;
		if (busy == 0)
			return 0;
		if (http_turn(client, room.transfers, crowd->slots, err) < 0)
			return -1;
	}
}
