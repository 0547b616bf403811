/** Older entries, on demand; says when there are none. */
import { Button, Center, Text } from "@mantine/core";

interface LoadMoreProps {
  hasMore: boolean;
  isLoading: boolean;
  onMore: () => void;
  /** Said at the end of a list, such as "This is the first entry." */
  end?: string;
}

export function LoadMore({ hasMore, isLoading, onMore, end }: LoadMoreProps) {
  return (
    <Center mih={36}>
      {hasMore ? (
        <Button variant="default" size="xs" loading={isLoading} onClick={onMore}>
          Load more
        </Button>
      ) : (
        end !== undefined && (
          <Text size="xs" c="dimmed">
            {end}
          </Text>
        )
      )}
    </Center>
  );
}
