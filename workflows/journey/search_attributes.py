"""What support can filter journeys by in the Temporal UI; registered by the program itself."""

from temporalio.common import SearchAttributeKey

JOURNEY_NAME = SearchAttributeKey.for_keyword("JourneyName")
CUSTOMER_ID = SearchAttributeKey.for_keyword("CustomerId")
JOURNEY_ARM = SearchAttributeKey.for_keyword("JourneyArm")
JOURNEY_OUTCOME = SearchAttributeKey.for_keyword("JourneyOutcome")
ON_HOLD = SearchAttributeKey.for_bool("OnHold")

ALL = (JOURNEY_NAME, CUSTOMER_ID, JOURNEY_ARM, JOURNEY_OUTCOME, ON_HOLD)
