/** Says once more what a decision does, takes a note, and goes on to the next repair. */
import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState, type FormEvent } from "react";

import { openApprovalsQuery } from "@/api/queries/open-approvals-query";
import { approvalQuery, type WholeApproval } from "@/features/approvals/approval-query";
import { DecisionWords, verbOf } from "@/features/approvals/decision-words";
import { DETAIL_FIELDS } from "@/features/approvals/detail-fields";
import { wasDecidedMeanwhile } from "@/features/approvals/meanwhile";
import { followingOf } from "@/features/approvals/queue";
import { useDecide, type Decision, type Outcome } from "@/features/approvals/use-decide";
import type { Wish } from "@/features/approvals/wish";
import { Failure } from "@/ui/failure";
import { notifyDone } from "@/ui/notify";
import { useUrlState } from "@/ui/use-url-state";

interface Asked {
  wish: Wish;
  tag: string | null;
}

interface DecisionDialogProps {
  repair: WholeApproval;
  asked: Asked | null;
  onClose: () => void;
}

export function DecisionDialog({ repair, asked, onClose }: DecisionDialogProps) {
  const title = asked === null ? "" : verbOf(repair, asked.wish).title;
  return (
    <Modal opened={asked !== null} onClose={onClose} title={title} size="lg" centered>
      {asked !== null && <Form repair={repair} asked={asked} onClose={onClose} />}
    </Modal>
  );
}

function Form({ repair, asked, onClose }: { repair: WholeApproval; asked: Asked; onClose: () => void }) {
  const [note, setNote] = useState("");
  const [, set] = useUrlState(DETAIL_FIELDS);
  const decide = useDecide(repair.id);
  const goOn = useGoOn(repair.id);
  const { action, colour } = verbOf(repair, asked.wish);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (decide.isPending) return;
    try {
      const outcome = await decide.mutateAsync({
        decision: decisionOf(asked.wish, note.trim() || null),
        tag: asked.tag,
      });
      notifyDone(outcome.told);
      onClose();
      goOn(outcome);
    } catch (error) {
      if (!wasDecidedMeanwhile(error)) return; // told in the dialog, where the person can try again
      onClose();
      set({ meanwhile: error.body.detail ?? `${error.body.title}.` });
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <DecisionWords repair={repair} wish={asked.wish} />
        <TextInput
          label="Note"
          description="For whoever reads the history; it may stay empty."
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          maxLength={1000}
          data-autofocus
        />
        {decide.error !== null && !wasDecidedMeanwhile(decide.error) && <Failure error={decide.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color={colour} loading={decide.isPending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function decisionOf(wish: Wish, note: string | null): Decision {
  if (wish.verb === "choose") return { verb: "choose", candidate: wish.candidate.number, note };
  if (wish.verb === "edit") return { verb: "edit", lines: wish.lines, note };
  return { verb: wish.verb, note };
}

/** To the next repair that waits, or to the empty queue; the replay is followed from there. */
function useGoOn(id: string): (outcome: Outcome) => void {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [{ replay }] = useUrlState(DETAIL_FIELDS);
  // The order before the decision: afterwards this one is out of it. The next one is loaded while a note is written.
  const [next] = useState(() => followingOf(id, queries.getQueryData(openApprovalsQuery().queryKey)));
  useEffect(() => {
    if (next !== null) void queries.prefetchQuery(approvalQuery(next));
  }, [next, queries]);
  return (outcome) => {
    const followed = outcome.sync_run_id ?? replay;
    const search = followed === "" ? {} : { replay: followed };
    void navigate({ to: next === null ? "/approvals" : `/approvals/${next}`, search: search as never });
  };
}
