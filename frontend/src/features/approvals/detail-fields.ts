/** What of one repair stands in the address. */
import { flag, text } from "@/ui/use-url-state";

export const DETAIL_FIELDS = {
  /** The rules are being edited. */
  edit: flag(),
  /** The replay that the last decision began. */
  replay: text(),
  /** Why a decision came too late. */
  meanwhile: text(),
};
